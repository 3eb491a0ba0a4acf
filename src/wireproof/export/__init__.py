"""A capture with its opened sessions in clear, as an ordinary file that any tool reads."""

from wireproof.export.options import Exported, ExportError, ExportOptions
from wireproof.export.run import export_clear

__all__ = ["ExportError", "ExportOptions", "Exported", "export_clear"]
