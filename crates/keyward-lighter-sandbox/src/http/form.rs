//! Parameters, of a query or of a form.

use axum::body::Bytes;
use futures_util::stream;
use multer::Multipart;
use zeroize::Zeroizing;

use crate::Refusal;

/// More parameters than any request has.
const MAX_PARAMETERS: usize = 32;

/// The parameters of a request. Some are secrets, so all are wiped.
#[derive(Default)]
pub(crate) struct Parameters(Vec<(String, Zeroizing<String>)>);

impl Parameters {
    /// Reads `name=value&name=value` with `+` for a space and `%` escapes.
    pub(crate) fn from_urlencoded(text: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(text) {
            parameters.push(name.into_owned(), value.into_owned())?;
        }
        Ok(parameters)
    }

    /// Reads a `multipart/form-data` body.
    pub(crate) async fn from_multipart(content_type: &str, body: Bytes) -> Result<Self, Refusal> {
        let boundary = multer::parse_boundary(content_type).map_err(|_| malformed())?;
        let body = stream::iter([Ok::<_, std::convert::Infallible>(body)]);
        let mut fields = Multipart::new(body, boundary);
        let mut parameters = Self::default();
        while let Some(field) = fields.next_field().await.map_err(|_| malformed())? {
            let name = field.name().ok_or_else(malformed)?.to_owned();
            let value = field.text().await.map_err(|_| malformed())?;
            parameters.push(name, value)?;
        }
        Ok(parameters)
    }

    fn push(&mut self, name: String, value: String) -> Result<(), Refusal> {
        let value = Zeroizing::new(value);
        if self.0.len() == MAX_PARAMETERS {
            return Err(Refusal::invalid_param(format_args!("more than {MAX_PARAMETERS} parameters")));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// A text, if it is there.
    ///
    /// # Errors
    /// - it is there twice: which one counts?
    pub(crate) fn optional(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(of, _)| of == name).map(|(_, value)| value.as_str());
        let value = values.next();
        match values.next() {
            None => Ok(value),
            Some(_) => Err(Refusal::invalid_param(format_args!("{name} is given more than once"))),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// - it is not, or twice
    pub(crate) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.optional(name)?.ok_or_else(|| Refusal::invalid_param(format_args!("{name} is required")))
    }

    /// A whole number of 64 bits that must be there.
    ///
    /// # Errors
    /// - it is not, or twice, or no such number
    pub(crate) fn integer(&self, name: &str) -> Result<i64, Refusal> {
        integer(name, self.text(name)?)
    }

    /// A whole number of 64 bits, if it is there.
    ///
    /// # Errors
    /// - it is there twice, or no such number
    pub(crate) fn optional_integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.optional(name)?.map(|text| integer(name, text)).transpose()
    }

    /// A truth value that must be there: `true`, `false`, `1`, `0`, or as Python writes it, `True`, `False`.
    ///
    /// # Errors
    /// - it is not, or twice, or no truth value
    pub(crate) fn boolean(&self, name: &str) -> Result<bool, Refusal> {
        boolean(name, self.text(name)?)
    }

    /// A truth value, if it is there.
    ///
    /// # Errors
    /// - it is there twice, or no truth value
    pub(crate) fn optional_boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.optional(name)?.map(|text| boolean(name, text)).transpose()
    }
}

fn integer(name: &str, text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::invalid_param(format_args!("{name} is not a whole number")))
}

fn boolean(name: &str, text: &str) -> Result<bool, Refusal> {
    match text {
        "true" | "True" | "1" => Ok(true),
        "false" | "False" | "0" => Ok(false),
        _ => Err(Refusal::invalid_param(format_args!("{name} is neither true nor false"))),
    }
}

fn malformed() -> Refusal {
    Refusal::invalid_param("the multipart body is malformed")
}
