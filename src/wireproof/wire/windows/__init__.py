"""Error codes of Windows: names and numbers, what they mean, and every reading of one that stands alone.

codes, meanings   readings of a number or name, and sentences on those that networks meet
errors            names by code, from the tables _hresult, _ntstatus, _win32, _windows_update and _winhttp
"""
