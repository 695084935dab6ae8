"""What the process that journeys fork has loaded: all of alertd but its migrations, and what commands load as they run."""

import gc
import importlib
import pkgutil

import alertd

# pandas and pyarrow are no part of alertd; duckdb loads them where it finds them, as it does beside the tests.
_AS_THEY_RUN = (
    "css_inline",
    "duckdb_sqlalchemy",
    "holidays.countries",
    "pandas",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
)
_AS_THEY_RUN += ("rich.progress", "sqlalchemy.dialects.sqlite", "sqlglot.dialects.duckdb", "encodings.utf_8_sig")

_own = [module.name for module in pkgutil.walk_packages(alertd.__path__, "alertd.")]
for _name in (*_own, *_AS_THEY_RUN):
    if "__main__" not in _name and ".migrations" not in _name:
        importlib.import_module(_name)
gc.collect()
gc.freeze()
