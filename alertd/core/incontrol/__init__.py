"""In-control models: what a measure's series do by chance alone, fitted to each series' own past, and simulated anew."""

from alertd.core.incontrol.fitting import fit
from alertd.core.incontrol.model import InControl
from alertd.core.incontrol.peers import peers_alike
from alertd.core.incontrol.simulating import simulate

__all__ = ["InControl", "fit", "peers_alike", "simulate"]
