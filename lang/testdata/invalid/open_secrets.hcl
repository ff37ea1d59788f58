waybill {
  runtime {
    url   = "https://waybill.example.com"
    token = "zebra-1" # WARNING WB735
  }
}

secret "key" { env = "KEY" }

locals { written = "zebra-2" }

courier "drop" {
  filedrop {
    url        = "s3://acme/out"
    access_key = "AKIA1234"
    secret_key = local.written # WARNING WB735
  }

  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "server" {
  filedrop {
    url      = "sftp://feeds@sftp.example.com/out"
    password = "zebra-3" # WARNING WB735
  }

  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "crm" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    headers = { X-Api-Key = "zebra-4", Accept = "text/csv", Authorization = "Key ${secret.key}" } # WARNING WB735

    oauth2 {
      token_url     = "https://login.example.com/token"
      client_id     = "waybill"
      client_secret = "zebra-5" # WARNING WB735
    }
  }
}

process "notify" {
  http {
    url          = "https://lake.example.com/loaded"
    bearer_token = "zebra-${6}" # WARNING WB735
  }
}

process "fill_in" {
  http {
    url = "https://lake.example.com/loaded"

    basic_auth {
      username = secret.key
      password = "x"
    }
  }
}

courier_group "daily" {
  schedule  = "0 13 * * *"
  timezone  = "UTC"
  couriers  = [courier.drop, courier.server, courier.crm]
  processes = [process.notify, process.fill_in]
}
