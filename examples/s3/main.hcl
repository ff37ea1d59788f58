# Orders and stock from a bucket of S3, or of a server that speaks like it:
#
#   waybill plan --var bucket=my-drop
#   waybill run daily --date 2026-11-21

variable "bucket" {
  type        = string
  default     = "acme-drop"
  description = "The bucket that the shops write into"
}

variable "parameters" {
  type        = string
  default     = "region=eu-central-1"
  description = "How it is reached; for a server of your own endpoint=https://… and path_style=true"
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

secret "access_key" { env = "DROP_ACCESS_KEY" }
secret "secret_key" { env = "DROP_SECRET_KEY" }

# Only the days that a run wants are listed: "orders/2026/11/21/orders-".
courier "orders" {
  poll_every = var.poll_every

  filedrop {
    url        = "s3://${var.bucket}/shops?${var.parameters}"
    access_key = secret.access_key
    secret_key = secret.secret_key
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

# What arrives, whenever it does. Each version is taken once.
courier "stock" {
  poll_every = var.poll_every

  filedrop {
    url        = "s3://${var.bucket}/shops?${var.parameters}"
    access_key = secret.access_key
    secret_key = secret.secret_key
  }

  file "levels" {
    pattern  = "stock/levels-*.csv"
    optional = true
  }
}

courier_group "daily" {
  schedule   = "30 6 * * *"
  timezone   = "Europe/Berlin"
  file_dates = "schedule"

  defaults {
    wait { seconds = var.wait_seconds }
  }

  courier "orders" {
    offset { days = 1 }
  }

  couriers = [courier.stock]
}
