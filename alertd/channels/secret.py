"""Secrets, read where they are used and kept nowhere else."""

from collections.abc import Mapping
from pathlib import Path

from alertd.core.channels import Secret
from alertd.core.errors import DeliveryError


def read_secret(secret: Secret, *, root: Path, environ: Mapping[str, str], place: str) -> str:
    """Read a secret from its variable or file; raises `DeliveryError`, which names `place`, where it is not there."""
    if secret.env is not None:
        value = environ.get(secret.env, "")
        source = f"the environment variable {secret.env}"
    else:
        path = root / (secret.file or "")
        source = f"the file {path}"
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise DeliveryError(
                f"{place}: {source} cannot be read ({type(error).__name__}); give alertd the right to read it"
            ) from error
    if not value:
        raise DeliveryError(f"{place}: {source} is empty or not set; put the secret there before alertd starts")
    return value
