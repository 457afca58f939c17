"""Drawing virtual patients, and later whole trials. Everything random comes from a Generator."""
