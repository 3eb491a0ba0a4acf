"""Outputs of Windows commands turned into a site file."""

from wireproof.directaccess.outputs.site import site_from_outputs

__all__ = ["site_from_outputs"]
