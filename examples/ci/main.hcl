# The workspace of the two pipelines here: .github/workflows/waybill.yml and
# .gitlab-ci.yml. This directory is laid out as a repository of its own.

variable "server" {
  description = "The address of waybill serve --listen"
  type        = string
  default     = "https://waybill.example.com"
}

waybill {
  landing = "landing"

  runtime {
    url   = var.server
    token = secret.waybill
  }
}

# A secret of the pipeline. What is saved in a plan is the name of the variable.
secret "waybill" {
  env = "WAYBILL_TOKEN"
}

courier "orders" {
  filedrop {
    url = "inbox/orders"
  }

  file "orders" {
    pattern = "orders-{yyyy}-{MM}-{dd}.csv"
  }
}

courier_group "daily" {
  description = "Yesterday's orders, every morning"
  schedule    = "0 6 * * *"
  timezone    = "UTC"

  courier "orders" {
    offset { days = 1 }
    wait { hours = 1 }
  }
}
