"""A society in a box: a meter server that answers the document's thirteen operations on a real socket."""
