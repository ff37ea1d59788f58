courier "orders" {
  timeout = "1h"
  timeout = "2h" # ERROR WB705
  exec { command = ["fetch"] }
}
