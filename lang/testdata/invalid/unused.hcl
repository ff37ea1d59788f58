variable "env" { # WARNING WB733
  default = "dev"
}

locals {
  hours = 2 # WARNING WB733
}

secret "token" { env = "TOKEN" } # WARNING WB733

alert "webhook" "pager" { # WARNING WB814
  webhook = "https://pager.example.com"
  on      = ["failed"]
}

courier "orders" { # WARNING WB814
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

bridge "lake" { # WARNING WB814
  exec { command = ["sync"] }
}

process "stitch" { # WARNING WB814
  exec { command = ["stitch"] }
}

activation "campaign" "send" { # WARNING WB814
  exec { command = ["send"] }
}
