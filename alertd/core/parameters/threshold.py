"""The parameters of the threshold detector."""

from alertd.core.parameters.condition import Condition


class Threshold(Condition):
    """Fires while the figure meets a fixed condition."""
