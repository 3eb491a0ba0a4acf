"""TLS sessions as readers see them: which could be read, with which key, and exactly why not."""
