//! What is searched for, in either of the two forms that clients send.

use portcullis_store::{ImageKind, ListKind, ListValue, Sample, Verification};
use portcullis_vision as vision;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    super::{FraudshieldError, error::ParamError, normalize::checked_id},
    images::Image,
};
use crate::velocity_rules::kept;

const USUAL_THRESHOLD: f64 = 0.85;
/// Below, pictures merely look like one another, and the look-up would miss some.
const LEAST_THRESHOLD: f64 = 0.8;

/// Something to look for: an image with its type, or any of a document's number, its image and a face. Other fields are
/// ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldDuplicateSearch)]
pub(crate) struct SearchRequest {
    /// What `image` shows: face or document.
    #[schema(example = "document")]
    r#type: Option<String>,
    /// A PNG, JPEG or WebP image in Base64, at most 8 MiB when decoded.
    image: Option<String>,
    /// A document's number, of 1 to 64 letters and digits; separators do not count.
    #[schema(example = "AB123456")]
    document_number: Option<String>,
    /// An image of a document, as `image`.
    document_image: Option<String>,
    /// An image of a face, as `image`.
    face_image: Option<String>,
    /// How alike matches must be, 0 to 1; 0.85 when left out. What is below 0.8 is taken as 0.8.
    #[schema(example = 0.85)]
    threshold: Option<f64>,
    /// The verification that this belongs to: it is found by later searches then, which needs the scope `fraud:write`.
    #[schema(example = "ver_0vqkz1q3c7ab")]
    verification_id: Option<String>,
    /// Whose it is: it is found by later searches then, which needs the scope `fraud:write`.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
}

/// A search that is well-formed, but for its images.
pub(super) struct Checked {
    pub(super) images: Vec<Image>,
    /// With the document's number, without the images.
    pub(super) verification: Verification,
    pub(super) threshold: f64,
}

impl Checked {
    /// Whether what is searched for is to be found by later searches.
    pub(super) fn enrolls(&self) -> bool {
        self.verification.id.is_some() || self.verification.user.is_some()
    }

    /// In how many bits pictures may differ.
    pub(super) fn differing_bits(&self) -> u32 {
        vision::distance_within(self.threshold)
    }
}

impl SearchRequest {
    /// All complaints are told at once.
    pub(super) fn check(self) -> Result<Checked, FraudshieldError> {
        let mut errors = Vec::new();
        let kind = self.r#type.as_deref().map(kind).transpose();
        let kind = kind.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let number = self.document_number.as_deref().map(|text| number(text, &mut errors));
        let threshold = kept(threshold(self.threshold), &mut errors);
        let given = |text: Option<String>, param| text.map(|text| checked_id(param, &text));
        let id = given(self.verification_id, "verification_id").map(|id| kept(id, &mut errors));
        let user = given(self.user_id, "user_id").map(|user| kept(user, &mut errors));
        let is_empty =
            self.document_number.is_none() && self.document_image.is_none() && self.face_image.is_none();
        match (&self.r#type, &self.image) {
            (None, None) if is_empty => errors.push(ParamError::missing("type")),
            (Some(_), None) if is_empty => errors.push(ParamError::missing("image")),
            (None, Some(_)) => errors.push(ParamError::missing("type")),
            _ => {}
        }
        let images = [
            ("image", kind.unwrap_or(ImageKind::Document), self.image),
            ("document_image", ImageKind::Document, self.document_image),
            ("face_image", ImageKind::Face, self.face_image),
        ];
        let images = images
            .into_iter()
            .filter_map(|(param, kind, base64)| Some(Image { param, kind, base64: base64? }));
        let images: Vec<_> = images.collect();
        if let [first, others @ ..] = &images[..]
            && others.iter().any(|other| first.param == "image" && other.kind == first.kind)
        {
            errors.push(ParamError::invalid("image", "is one of two images of the same type; give one"));
        }
        if !errors.is_empty() {
            return Err(FraudshieldError::Invalid(errors));
        }
        let samples = number.flatten().map(Sample::DocumentNumber).into_iter().collect();
        Ok(Checked { images, verification: Verification { id, user, samples }, threshold })
    }
}

fn kind(text: &str) -> Result<ImageKind, ParamError> {
    match text {
        "face" => Ok(ImageKind::Face),
        "document" => Ok(ImageKind::Document),
        _ => Err(ParamError::invalid("type", "must be face or document")),
    }
}

fn number(text: &str, errors: &mut Vec<ParamError>) -> Option<ListValue> {
    let number = ListValue::parse(ListKind::Document, text);
    let complain = |why: &_| errors.push(ParamError::invalid("document_number", format!("{why}")));
    number.inspect_err(complain).ok()
}

fn threshold(given: Option<f64>) -> Result<f64, ParamError> {
    let threshold = given.unwrap_or(USUAL_THRESHOLD);
    let is_fine = (0.0..=1.0).contains(&threshold);
    let wrong = || ParamError::invalid("threshold", "must be a number from 0 to 1");
    is_fine.then_some(threshold.max(LEAST_THRESHOLD)).ok_or_else(wrong)
}
