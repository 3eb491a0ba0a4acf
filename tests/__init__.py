"""Tests of wireproof; folders mirror src/wireproof, files at this level look at the whole house."""
