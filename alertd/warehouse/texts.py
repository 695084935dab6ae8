"""Numbers for the texts of a column that comes in Arrow batches, in the order in which the texts first came.

Rows mostly come series by series, or period by period with the series in the same order each time. Both are seen at a
glance, without a look-up a row; every other order costs one look-up a row.
"""

from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alertd.core.rows import Codes
from alertd.warehouse.columns import ArrowColumn
from alertd.warehouse.words import key_text

_WORTH_COMPARING = 64
_FIRST_STRETCH = 4096
_MANY = 20_000


def _names(values: pa.Array) -> list[str]:
    """Different texts or whole numbers as the texts that name series, which are different too."""
    items: list[Any] = values.to_pylist()
    return items if pa.types.is_string(values.type) else list(map(str, items))


class TextCodes:
    """One column of `by`, batch by batch."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._known: dict[str, int] = {}
        self._pieces: list[pa.Array] = []
        self._order: pa.Array | None = None  # the values in the order of their codes, as far as it was needed
        self._next = 0
        self._dictionary: pa.Array | None = None
        self._meaning: Codes = np.empty(0, dtype=np.int32)

    def add(self, array: pa.Array) -> Codes | None:
        """A code per row, an index into `texts`; None where a row names nothing, or the column is of a kind with no order."""
        if array.null_count:
            return None
        if pa.types.is_dictionary(array.type):
            return self._through_dictionary(array)
        if not (pa.types.is_string(array.type) or pa.types.is_integer(array.type)):
            codes, values = ArrowColumn(array).encoded()
            meaning = self._numbered(values)
            return None if meaning is None else meaning[codes]
        codes, here = np.empty(len(array), dtype=np.int32), 0
        while here < len(array):
            matched = self._as_before(array, here, codes)
            here += matched
            if matched < _WORTH_COMPARING and here < len(array):
                rest = self._looked_up(array.slice(here))
                if rest is None:
                    return None
                codes[here:] = rest
                self._next = int(rest[-1]) + 1
                break
        return codes

    def _as_before(self, array: pa.Array, here: int, codes: Codes) -> int:
        """How many values from `here` on come in the order in which they first came; their codes are filled in."""
        if not self.texts:
            return 0
        following = self._next % len(self.texts)
        text = key_text(array[here].as_py())
        if text != self.texts[following]:
            known = self._known.get(text) if text is not None else None
            if known is None:
                return 0
            following = known
        order, matched, stretch = self._ordered(), 0, _FIRST_STRETCH
        while here + matched < len(array):
            length = min(stretch, len(array) - here - matched, len(order) - following)
            same = pc.equal(array.slice(here + matched, length), order.slice(following, length))
            alike = length if pc.all(same).as_py() else int(np.argmin(same.to_numpy(zero_copy_only=False)))
            codes[here + matched : here + matched + alike] = np.arange(following, following + alike, dtype=np.int32)
            matched += alike
            following = (following + alike) % len(order)
            stretch *= 4
            if alike < length:
                break
        self._next = following
        return matched

    def _ordered(self) -> pa.Array:
        if self._order is None or self._pieces:
            self._order = pa.concat_arrays([*([] if self._order is None else [self._order]), *self._pieces])
            self._pieces = []
        return self._order

    def _looked_up(self, array: pa.Array) -> Codes | None:
        changes = np.flatnonzero(pc.not_equal(array[1:], array[:-1]).to_numpy(zero_copy_only=False)) + 1
        if 2 * len(changes) > len(array):
            return self._encoded(array)
        starts = np.concatenate([[0], changes])
        codes = self._encoded(array.take(pa.array(starts)))
        return None if codes is None else np.repeat(codes, np.diff(np.append(starts, len(array))))

    def _encoded(self, array: pa.Array) -> Codes | None:
        coded = array.dictionary_encode()
        values = coded.dictionary
        if len(self.texts) < _MANY or len(values) < _MANY:
            names = _names(values)
            meaning = np.fromiter(map(self._known.get, names, repeat(-1)), np.int32, len(names))
        else:
            meaning = pc.fill_null(pc.index_in(values, value_set=self._ordered()), -1).to_numpy(zero_copy_only=False)
        new = np.flatnonzero(meaning < 0)
        if len(new):
            fresh = values if len(new) == len(values) else values.take(pa.array(new))
            names = _names(fresh)
            if not all(map(str.strip, names)):
                return None
            numbers = range(len(self.texts), len(self.texts) + len(names))
            meaning = meaning.astype(np.int32)  # what Arrow hands over may not be written to
            meaning[new] = numbers
            self._known.update(zip(names, numbers, strict=True))
            self.texts += names
            self._pieces.append(fresh)
        codes: Codes = meaning[coded.indices.to_numpy()]
        return codes

    def _through_dictionary(self, array: pa.DictionaryArray) -> Codes | None:
        if self._dictionary is None or not array.dictionary.equals(self._dictionary):
            # A dictionary may hold values that no row has; what they would be called is then nobody's business.
            names = [key_text(value) for value in array.dictionary.to_pylist()]
            self._dictionary = array.dictionary
            self._meaning = np.array([self._code(name) if name is not None else -1 for name in names], dtype=np.int32)
        codes: Codes = self._meaning[array.indices.to_numpy()]
        return None if len(codes) and int(codes.min()) < 0 else codes

    def _numbered(self, values: list[Any]) -> Codes | None:
        """The code of each value, new ones included; None where one names nothing."""
        texts = [key_text(value) for value in values]
        if None in texts:
            return None
        return np.fromiter((self._code(text) for text in texts if text is not None), np.int32, len(texts))

    def _code(self, text: str) -> int:
        code = self._known.setdefault(text, len(self.texts))
        if code == len(self.texts):
            self.texts.append(text)
        return code
