# --var wokers=4
# --var hosts=[1,
# NOWHERE ERROR WB722
variable "workers" {
  type    = number
  default = "many" # ERROR WB722
}

variable "env" { # ERROR WB721
  type = strng # ERROR WB722
}

variable "hosts" { # ERROR WB722
  type = list(string)
}

variable "token" {
  type      = string
  default   = "hunter2"
  sensitive = true
}

variable "unused" { # WARNING WB733
  default = 1
  validation { # ERROR WB706
    condition = true
  }
}

variable "odd" { # ERROR WB722
  type        = object({ name = string })
  default     = "x"
  description = "of ${var.env}" # ERROR WB722
  sensitive   = "maybe" # ERROR WB716
}

courier "crm" {
  rest_api {
    url          = "https://crm.example.com/${var.env}"
    bearer_token = var.token # ERROR WB728
    headers      = { Accept = "text/csv", Token = "x${var.token}" } # ERROR WB728
  }
  max_concurrent = var.workers
  retries        = var.odd.name # ERROR WB703
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = join(",", var.hosts)
  couriers    = [courier.crm]
}
