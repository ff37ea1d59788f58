# Orders from a container of Azure Blob Storage:
#
#   waybill plan --var url=azblob://my-drop/shops?account=acme
#   waybill run daily --date 2026-11-21

variable "url" {
  type        = string
  default     = "azblob://drop/shops?account=acme"
  description = "The container, the folder in it and the account"
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

secret "account_key" { env = "AZURE_ACCOUNT_KEY" }

# Only the days that a run wants are listed: "orders/2026/11/21/orders-".
courier "orders" {
  poll_every = var.poll_every

  filedrop {
    url        = var.url
    access_key = "acme"             # the account; without both, the identity of the machine
    secret_key = secret.account_key # its key, or a shared access signature
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
