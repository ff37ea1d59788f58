package diag

var loadCodes = []Entry{}
