"""The part of the build that can't be declared: which modules are compiled, and how. The rest is in pyproject.toml."""

from setuptools import setup

from wireproof_build.extensions import BuildExtensions, find_extensions

setup(ext_modules=find_extensions(), cmdclass={"build_ext": BuildExtensions})
