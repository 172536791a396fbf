//! What may be kept as it is: the words of the protocol. Anything that is not known here is taken to be private.

/// Segments of paths.
pub(crate) const SEGMENTS: [&str; 17] = [
    "",
    "v1",
    "v2",
    "auth",
    "partner",
    "refresh",
    "partners",
    "status",
    "billing",
    "bills",
    "tasks",
    "users",
    "resellers",
    "details",
    "accounts",
    "backup-tasks",
    "backup-statuses",
];

/// More segments, of restores.
pub(crate) const RESTORE: &str = "restore";

/// Query parameters whose value says nothing of anybody.
pub(crate) const QUERY: [&str; 3] = ["page", "pageSize", "limit"];

/// Headers of requests that are kept.
pub(crate) const REQUEST_HEADERS: [&str; 2] = ["accept", "content-type"];

/// Headers of requests of which it is kept that they were there.
pub(crate) const SECRET_HEADERS: [&str; 3] = ["authorization", "client-id", "client-secret"];

/// Headers of answers that are kept; `location` is one, with its ids replaced.
pub(crate) const RESPONSE_HEADERS: [&str; 3] = ["content-type", "retry-after", "location"];

/// Fields whose texts are words of the protocol, numbers or dates.
pub(crate) const KEPT: [&str; 31] = [
    "status",
    "type",
    "source",
    "subSource",
    "region",
    "currency",
    "tokenType",
    "serviceType",
    "service",
    "paymentType",
    "period",
    "state",
    "countryCode",
    "frequency",
    "timezone",
    "provideType",
    "reportFreq",
    "reportDay",
    "nextBackup",
    "discount",
    "total",
    "quantity",
    "price",
    "seat",
    "storage",
    "createDate",
    "createdAt",
    "lastBackup",
    "lastBackupDate",
    "lastBackupAttemptDate",
    "timestamp",
];

/// Fields that hold a secret.
pub(crate) const SECRETS: [&str; 6] = [
    "password",
    "clientSecret",
    "clientId",
    "accessToken",
    "refreshToken",
    "nextPageToken",
];

/// Fields that hold a name.
pub(crate) const NAMES: [&str; 7] = [
    "name",
    "contactName",
    "resellerName",
    "entityName",
    "alias",
    "account",
    "domain",
];

/// Whether a field holds an id.
pub(crate) fn is_id(field: &str) -> bool {
    field == "id" || field.ends_with("Id") || field.ends_with("ID")
}

/// Whether a text is a date, or a number: what a kept field may hold.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b':' | b'.' | b'T' | b'Z' | b' ')
    })
}
