//! The formats of scalars that the generated code has types of its own for.

/// Type and format of a schema, and what stands for it in Rust.
pub(crate) const FORMATS: [(&str, &str, &str); 12] = [
    ("string", "password", "crate::secret::Secret"),
    ("string", "date-time", "crate::timestamp::Timestamp"),
    // A string that mostly parses as a date-time.
    ("string", "loose-date-time", "crate::timestamp::Timestamp"),
    ("integer", "yyyymmdd", "crate::timestamp::Timestamp"),
    ("integer", "yyyymmddhhmmss", "crate::timestamp::Timestamp"),
    ("integer", "seconds", "crate::seconds::Seconds"),
    ("string", "decimal", "crate::amount::Amount"),
    ("string", "task-id", "crate::id::TaskId"),
    ("string", "user-id", "crate::id::UserId"),
    ("string", "partner-id", "crate::id::PartnerId"),
    ("string", "backup-task-id", "crate::id::BackupTaskId"),
    ("string", "job-id", "crate::id::JobId"),
];

/// Formats that the generator knows.
const GENERATOR: [&str; 4] = ["int64", "int32", "uint64", "binary"];

/// Whether the generated code tells this format from others.
pub(crate) fn is_known(format: &str) -> bool {
    GENERATOR.contains(&format) || FORMATS.iter().any(|(_, known, _)| *known == format)
}
