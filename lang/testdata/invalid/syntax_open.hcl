# What is not closed is one problem, where it is noticed or where it begins.
locals {
  list = [1, 2
  other = 3 # ERROR WB701
}

locals {
  call = upper("x"
  other = 3 # ERROR WB701
}

locals {
  sum = (1 + 2
  other = 3 # ERROR WB701
}

locals {
  text = "x # ERROR WB701
  y"
}

locals {
  if     = "%{ if true }x" # ERROR WB701
  endfor = "%{ endfor }x" # ERROR WB701
  word   = "%{ foo }x" # ERROR WB701
  for    = [for x : x] # ERROR WB701
  object = { for x in [1] : x } # ERROR WB701
}

locals {
  heredoc = <<EOT # ERROR WB701
}
