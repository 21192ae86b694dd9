//! What can be wrong with an envelope or a key: it can not be read, or it is refused.

/// Why an envelope, a key or a signature is not taken. Both are 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EnvelopeError {
    /// The field can not be read. Says nothing that depends on a secret.
    #[error("{field} {problem}")]
    Malformed {
        /// Name of the field; one inside the envelope is written after the envelope's name and a dot.
        field: &'static str,
        /// What is wrong, as the end of a sentence that begins with the field.
        problem: &'static str,
    },
    /// A forged signature, a ciphertext that was tampered with, or a wrong key: the answer does not tell which.
    #[error("The payload can not be decrypted or verified.")]
    Refused,
}

/// The field can not be read, because it `problem`.
pub(super) const fn malformed(field: &'static str, problem: &'static str) -> EnvelopeError {
    EnvelopeError::Malformed { field, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_field_or_nothing() {
        assert_eq!(malformed("iv", "is missing").to_string(), "iv is missing");
        assert_eq!(EnvelopeError::Refused.to_string(), "The payload can not be decrypted or verified.");
    }
}
