# What people write who know other languages: each line is told what to write here.
locals {
  colon: 1 # ERROR WB701
}

locals {
  plus += 1 # ERROR WB701
}

locals {
  "quoted" = 1 # ERROR WB701
}

locals {
  dotted.name = 1 # ERROR WB701
}

locals {
  no_sign 1 # ERROR WB701
}

locals {
  both   = true and false # ERROR WB701
  either = true or false  # ERROR WB701
  choice = if true # ERROR WB701
  not    = not true # ERROR WB701
  half   = true ? 1 # ERROR WB701
  single = 'x' # ERROR WB701
  tick   = `x` # ERROR WB701
  curly  = “x” # ERROR WB701
  dollar = $x # ERROR WB701
  bits   = 1 & 2 # ERROR WB701
}

locals {
  number = 1.2.3 # ERROR WB701
  dot    = courier. # ERROR WB701
  index  = [1][] # ERROR WB701
  slash  = "C:\dir" # ERROR WB701
  semi   = 1; # ERROR WB701
}

locals {
  arrow = { x => 1 } # ERROR WB701
}

courier "equals" = { # ERROR WB701
}

courier "next_line" # ERROR WB701
{
}

courier "computed${1}" { # ERROR WB701
}

locals {
  zone "Europe/Berlin" # ERROR WB701
}
