waybill {
  runtime {
    url   = "https://waybill.example.com"
    token = secret.server # ERROR WB720
  }
}

secret "server" {
  exec { command = ["vault", "read", "token"] }
}

secret "lake" {
  exec {
    command     = ["get.sh", secret.both] # ERROR WB725
    environment = { "A=B" = "x" }         # ERROR WB720
    output      = "lines"                 # ERROR WB717
    ttl         = "25h"                   # ERROR WB718
    timeout     = "0s"                    # ERROR WB718
  }
}

secret "both" { # ERROR WB720
  env = "CRM"
  exec { command = ["./gone.sh"] } # WARNING WB828
}

secret "written" {
  value = "zebra" # ERROR WB703
}

secret "none" {} # ERROR WB720

secret "empty" {
  exec { command = [] } # ERROR WB720
}

secret "nameless" {
  exec { command = [""] } # ERROR WB720
}

process "sync" {
  http {
    url     = "https://lake.example.com/sync"
    headers = { A = secret.lake, B = secret.both, C = secret.none, D = secret.empty, E = secret.nameless, F = secret.written }
  }
}

courier_group "sync" { processes = [process.sync] }
