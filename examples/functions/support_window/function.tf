# By the month in the version: no product fixes from 2024-10-01, and no security
# fixes from 2024-12-01.
output "by_month" {
  value = provider::harnessdelegate::support_window("registry.example.com/payments/delegate:24.04.82804")
}

# A late patch of an old month, by the day on which it was released: from
# 2025-08-26 and 2025-10-26.
output "by_release_date" {
  value = provider::harnessdelegate::support_window("24.08.83706", "2025-02-26")
}
