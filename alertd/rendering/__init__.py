"""Notices become letters: words, charts, templates, MIME."""

from alertd.rendering.renderer import Parts, Renderer, TemplateProblem

__all__ = ["Parts", "Renderer", "TemplateProblem"]
