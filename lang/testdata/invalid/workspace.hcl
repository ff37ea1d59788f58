waybill {
  required_version = ">= 99.0" # ERROR WB732
  landing          = "../landing" # ERROR WB720
  runtime {
    url   = "waybill.example.com" # ERROR WB720
    token = secret.nowhere
  }
  heartbeat {
    url   = "hc.example.com" # ERROR WB720
    every = "1s" # ERROR WB718
  }
}

secret "nowhere" { # ERROR WB720
}

secret "twice" { # ERROR WB720 WARNING WB733
  env  = "TWICE"
  file = "/run/secrets/twice"
}

locals {
  unused = 1 # WARNING WB733
}
