# Orders from a bucket of Google Cloud Storage:
#
#   waybill plan --var url=gs://my-drop/shops
#   waybill run daily --date 2026-11-21

variable "url" {
  type        = string
  default     = "gs://acme-drop/shops"
  description = "The bucket and the folder in it"
}

variable "wait_seconds" {
  type        = number
  default     = 7200
  description = "How long a day waits for its files"
}

variable "poll_every" {
  type        = string
  default     = "1m"
  description = "How often it looks while it waits"
}

secret "service_account" { file = "secrets/service-account.json" }

# Only the days that a run wants are listed: "orders/2026/11/21/orders-".
courier "orders" {
  poll_every = var.poll_every

  filedrop {
    url         = var.url
    private_key = secret.service_account # without it, the credentials of the machine
  }

  file "orders" {
    pattern = "orders/{yyyy}/{MM}/{dd}/orders-*.csv"
  }

  ready {
    done_marker = "orders/{yyyy}/{MM}/{dd}/_SUCCESS"
  }

  retry {
    attempts = 2
    backoff  = "1s"
  }
}

courier_group "daily" {
  schedule   = "30 6 * * *"
  timezone   = "Europe/Berlin"
  file_dates = "schedule"

  courier "orders" {
    wait { seconds = var.wait_seconds }
    offset { days = 1 }
  }
}
