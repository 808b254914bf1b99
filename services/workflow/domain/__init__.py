"""The rules of the desk: the life of a case, who may do what, sorting, routing, deadlines and the ladder."""
