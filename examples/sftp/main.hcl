# The catalog of a partner, from the partner's SFTP server:
#
#   waybill plan --var url=sftp://feeds@sftp.example.com/outbox
#   waybill run daily --date 2026-11-21

variable "url" {
  type        = string
  default     = "sftp://feeds@sftp.example.com/outbox"
  description = "User, server and folder"
}

variable "host_key" {
  type        = string
  default     = "SHA256:mVPwvezndPv/ARoIadVY98vAC0g+P/5633yTC4d/wXE"
  description = "What the partner says the server's key is"
}

variable "wait_seconds" {
  type        = number
  default     = 7200
  description = "How long a day waits for its file"
}

variable "stable_for" {
  type        = string
  default     = "30s"
  description = "How long a file must be unchanged to count as whole"
}

variable "poll_every" {
  type        = string
  default     = "1m"
  description = "How often it looks while it waits"
}

secret "sftp_key" { env = "SFTP_KEY" }

courier "catalog" {
  poll_every = var.poll_every

  filedrop {
    url         = var.url
    private_key = secret.sftp_key
    host_key    = var.host_key
  }

  file "catalog" {
    pattern = "catalog-{yyyy}{MM}{dd}.csv"
  }

  ready {
    stable_for = var.stable_for
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

  courier "catalog" {
    wait { seconds = var.wait_seconds }
    offset { days = 1 }
  }
}
