"""Reports on a DirectAccess site: its plan, what a run of packets through the model showed, and how to set it up."""
