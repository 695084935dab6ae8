"""Peers that are all alike, for rules that compare places: a place that truly differs is no false notice."""

from dataclasses import replace

import numpy as np

from alertd.core.incontrol.model import Family, InControl


def peers_alike(model: InControl) -> InControl:
    """The model with one level for all series, that of their sums; their sizes and spreads stay their own.

    Of shares and rates; other measures have nothing that places could be compared by, and stay as they are.
    """
    sizes, held = model.kept.denominator, model.kept.held
    if model.family not in (Family.SHARE, Family.COUNT, Family.AMOUNT) or sizes is None:
        return model
    there = np.arange(len(sizes))[:, None] < held
    known = ~np.isnan(model.level)
    usual = np.where(there, sizes, 0.0).sum(axis=0) / np.maximum(held, 1)
    total = float(usual[known].sum())
    if not total > 0:
        return model
    target = float((model.level[known] * (usual[known] / total)).sum())
    return replace(model, level=np.where(known, target, np.nan))
