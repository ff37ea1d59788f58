locals {
  twice_0  = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  twice_1  = join("", [for n in range(1000) : local.twice_0])
  twice_2  = join("", [for n in range(1000) : local.twice_1]) # ERROR WB760
  twice_3  = "${local.twice_2}${local.twice_2}" # WARNING WB733
  revision = 1e9999999 # ERROR WB761
  version  = "${local.revision}" # WARNING WB733
}
