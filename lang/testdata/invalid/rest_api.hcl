secret "crm" { env = "CRM" }

courier "no_records" {
  rest_api {
    url = "https://crm.example.com/?from=${range.start}"
    paging { # ERROR WB850
      link {}
    }
  }
}

courier "two_ways" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "."
    paging {
      link {}
      page {} # ERROR WB850
    }
  }
}

courier "no_way" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging { max_pages = 5 } # ERROR WB850
  }
}

courier "cursor" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging {
      cursor { path = "next" } # ERROR WB850
    }
  }
}

courier "cursor_from" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging {
      cursor {
        from      = "record" # ERROR WB717
        path      = "id"
        parameter = "after"
      }
    }
  }
}

courier "ready" {
  rest_api {
    url              = "https://crm.example.com/?from=${range.start}"
    not_ready_status = [202, 204, 404] # ERROR WB720
  }
}

courier "cursor_without_path" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging {
      cursor { parameter = "after" } # ERROR WB706
    }
  }
}

courier "both_places" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging {
      page {
        parameter = "page"
        field     = "page" # ERROR WB850
      }
    }
  }
}

courier "no_body" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging {
      offset { field = "page.offset" } # ERROR WB850
    }
  }
}

courier "sizes" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging {
      offset { size_parameter = "limit" } # ERROR WB850
    }
  }
}

courier "short" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "items"
    paging {
      page { until = "short_page" } # ERROR WB850
    }
  }
}

courier "paths" {
  rest_api {
    url     = "https://crm.example.com/?from=${range.start}"
    records = "$.items[*]" # ERROR WB720
    paging {
      next {
        path = "." # ERROR WB720
        more = ""  # ERROR WB720
      }
    }
  }
}

courier "credentials" {
  rest_api {
    url          = "https://crm.example.com/?from=${range.start}"
    bearer_token = secret.crm

    oauth2 { # ERROR WB720
      token_url     = "login.example.com" # ERROR WB720
      client_id     = "waybill"
      client_secret = secret.crm
    }

    rate {
      requests = 0 # ERROR WB720
    }
  }
}

courier "the_same_each_time" {
  rest_api { # WARNING WB851
    url = "https://crm.example.com/"
  }
}

courier "ignored" {
  rest_api {
    url           = "https://crm.example.com/?from=${range.start}"
    ignores_range = true # WARNING WB852
  }
}

courier_group "all" {
  schedule = "0 6 * * *"
  couriers = [
    courier.no_records, courier.two_ways, courier.no_way, courier.cursor, courier.cursor_from, courier.ready, courier.cursor_without_path, courier.both_places, courier.no_body,
    courier.sizes, courier.short, courier.paths, courier.credentials, courier.the_same_each_time, courier.ignored,
  ]
}
