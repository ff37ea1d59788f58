courier "orders" {
  filedrop { url = "drop" }

  file "unlimited" {
    pattern      = "a-{yyyy}{MM}{dd}.csv"
    max_unpacked = "1GB" # WARNING WB840
  }

  file "plain" {
    pattern    = "b-{yyyy}{MM}{dd}.csv"
    decompress = "auto" # WARNING WB840
  }

  file "rar" {
    pattern    = "c-{yyyy}{MM}{dd}.rar"
    decompress = "rar" # ERROR WB717
  }

  file "stated" {
    pattern    = "d-{yyyy}{MM}{dd}.bin"
    decompress = "gzip"
  }

  file "any" {
    pattern    = "e-{yyyy}{MM}{dd}*"
    decompress = "auto"
  }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
}
