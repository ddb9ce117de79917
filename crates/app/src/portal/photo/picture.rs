//! From what somebody uploads to a photo as it is kept: recognised by its content, measured before it is decoded, turned
//! upright, cut to the ratio, encoded anew. Pure.

use std::io::Cursor;

use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

/// Bytes of a picture at the most.
pub const MOST_BYTES: usize = 10 << 20;
/// Pixels of a picture at the most: what good telephones make, and a few times 100 MB decoded.
const MOST_PIXELS: u64 = 50_000_000;
/// Pixels of a side at the most.
const LONGEST_SIDE: u32 = 12_000;
/// Memory that decoding may ask for.
const MOST_MEMORY: u64 = 256 << 20;

/// Width of a photo as kept: 35 mm at 300 dots an inch.
pub const WIDTH: u32 = 413;
/// Height of a photo as kept: 49 mm. Together 5:7.
pub const HEIGHT: u32 = 579;
/// What the cut must have at least, so that the print is not blurred: 25 × 35 mm.
const SMALLEST: (u32, u32) = (295, 413);

const QUALITY: u8 = 90;

/// Which part is kept where a picture is longer than the ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The upper, or the left one.
    Start,
    /// The middle.
    #[default]
    Middle,
    /// The lower, or the right one.
    End,
}

impl Part {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Middle, Self::Start, Self::End];

    /// The code in the form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }

    /// The words on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Start => "保留上部（横幅照片保留左侧）",
            Self::Middle => "居中",
            Self::End => "保留下部（横幅照片保留右侧）",
        }
    }

    /// The part with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    /// Where the part begins, of so many pixels too many.
    const fn offset(self, surplus: u32) -> u32 {
        match self {
            Self::Start => 0,
            Self::Middle => surplus / 2,
            Self::End => surplus,
        }
    }
}

/// Why a file is no photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// More than [`MOST_BYTES`].
    #[error("the file is too large")]
    TooLarge,
    /// A picture of another kind, by its name.
    #[error("the file is {0}")]
    OtherKind(&'static str),
    /// No picture at all.
    #[error("the file is no picture")]
    NoPicture,
    /// More pixels than are decoded.
    #[error("the picture has {0} × {1} pixels")]
    TooManyPixels(u32, u32),
    /// Cut short, or broken.
    #[error("the picture is broken")]
    Broken,
    /// Too few pixels for a print.
    #[error("the picture has {0} × {1} pixels only")]
    TooSmall(u32, u32),
}

impl PictureError {
    /// For the student: what is wrong, and what to do.
    pub fn message(&self) -> String {
        let (least_width, least_height) = SMALLEST;
        match self {
            Self::Empty => "请选择照片文件。".into(),
            Self::TooLarge => format!("照片超过 {} MB，请压缩或重新拍摄后上传。", MOST_BYTES >> 20),
            Self::OtherKind(kind) => format!("这是 {kind} 文件，只接受 JPEG 或 PNG，请另存为 JPEG 后上传。"),
            Self::NoPicture => "文件内容不是照片，只接受 JPEG 或 PNG（改扩展名不会改变内容）。".into(),
            Self::TooManyPixels(width, height) => format!(
                "照片为 {width}×{height} 像素，超过上限（共 {} 万像素，单边 {LONGEST_SIDE}），请缩小后上传。",
                MOST_PIXELS / 10_000
            ),
            Self::Broken => "照片文件不完整或已损坏，请重新导出或拍摄后上传。".into(),
            Self::TooSmall(width, height) => format!(
                "照片为 {width}×{height} 像素，裁剪后不足 {least_width}×{least_height}，请换一张更清晰的。"
            ),
        }
    }
}

/// Makes a photo of what was uploaded: a JPEG of [`WIDTH`] × [`HEIGHT`] without any metadata.
///
/// # Errors
///
/// [`PictureError`]. What is too large is refused by its head, before anything is decoded.
pub fn prepare(content: &[u8], part: Part) -> Result<Vec<u8>, PictureError> {
    if content.len() > MOST_BYTES {
        return Err(PictureError::TooLarge);
    }
    let format = recognise(content)?;
    if format == ImageFormat::Jpeg && !is_whole_jpeg(content) {
        return Err(PictureError::Broken);
    }
    let (picture, orientation) = decode(content, format)?;
    let photo = cut(shrink(picture), orientation, part)?;
    encode(&photo)
}

fn recognise(content: &[u8]) -> Result<ImageFormat, PictureError> {
    let is_heif = content.get(4..8) == Some(b"ftyp");
    let is_webp = content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP");
    let head = content.trim_ascii_start();
    if content.is_empty() {
        Err(PictureError::Empty)
    } else if content.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Ok(ImageFormat::Jpeg)
    } else if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        Ok(ImageFormat::Png)
    } else if is_heif {
        Err(PictureError::OtherKind("HEIC/HEIF"))
    } else if is_webp {
        Err(PictureError::OtherKind("WebP"))
    } else if content.starts_with(b"GIF8") {
        Err(PictureError::OtherKind("GIF"))
    } else if content.starts_with(b"BM") {
        Err(PictureError::OtherKind("BMP"))
    } else if head.starts_with(b"<svg") || (head.starts_with(b"<?xml") && find(head, b"<svg")) {
        Err(PictureError::OtherKind("SVG"))
    } else if content.starts_with(b"%PDF") {
        Err(PictureError::OtherKind("PDF"))
    } else {
        Err(PictureError::NoPicture)
    }
}

fn find(content: &[u8], part: &[u8]) -> bool {
    content
        .windows(part.len())
        .take(1 << 12)
        .any(|window| window == part)
}

/// Whether a JPEG goes on to its end marker. The decoder fills what is missing with grey and says nothing.
fn is_whole_jpeg(content: &[u8]) -> bool {
    const RESTART: std::ops::RangeInclusive<u8> = 0xD0..=0xD7;
    let mut at = 2;
    while let (Some(&first), Some(&marker)) = (content.get(at), content.get(at + 1)) {
        match (first, marker) {
            (0xFF, 0xD9) => return true,
            // Filling between segments.
            (0xFF, 0xFF) => at += 1,
            // Coded data: a plain byte, an escaped one, a restart.
            (0xFF, 0x00 | 0x01) => at += 2,
            (0xFF, marker) if RESTART.contains(&marker) => at += 2,
            (0xFF, _) => {
                let Some(&[high, low]) = content.get(at + 2..at + 4) else {
                    return false;
                };
                at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
            }
            _ => at += 1,
        }
    }
    false
}

/// Reads the head, and only if that asks for no more than there is room for, the rest.
fn decode(content: &[u8], format: ImageFormat) -> Result<(DynamicImage, Orientation), PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| PictureError::Broken)?;
    let (width, height) = decoder.dimensions();
    let is_too_large = width.max(height) > LONGEST_SIDE
        || u64::from(width) * u64::from(height) > MOST_PIXELS
        || decoder.total_bytes() > MOST_MEMORY;
    if is_too_large {
        return Err(PictureError::TooManyPixels(width, height));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Broken)?;
    Ok((picture, orientation))
}

/// Makes a large picture smaller, still twice as large as is needed, so that turning it takes no second large piece of
/// memory.
fn shrink(picture: DynamicImage) -> DynamicImage {
    let shorter = picture.width().min(picture.height());
    let enough = HEIGHT * 2;
    if shorter <= enough {
        return picture;
    }
    let scaled =
        |side: u32| u32::try_from(u64::from(side) * u64::from(enough) / u64::from(shorter)).unwrap_or(enough);
    picture.thumbnail_exact(scaled(picture.width()), scaled(picture.height()))
}

/// Turns a picture upright and cuts the largest piece of the ratio out of it.
fn cut(mut picture: DynamicImage, orientation: Orientation, part: Part) -> Result<RgbImage, PictureError> {
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    // width × HEIGHT against height × WIDTH: which side has too much for the ratio.
    let (cut_width, cut_height) =
        if u64::from(width) * u64::from(HEIGHT) > u64::from(height) * u64::from(WIDTH) {
            (ratio(height, WIDTH, HEIGHT), height)
        } else {
            (width, ratio(width, HEIGHT, WIDTH))
        };
    if cut_width < SMALLEST.0 || cut_height < SMALLEST.1 {
        return Err(PictureError::TooSmall(width, height));
    }
    let (x, y) = (part.offset(width - cut_width), part.offset(height - cut_height));
    let piece = picture.crop_imm(x, y, cut_width, cut_height);
    let piece = piece.resize_exact(WIDTH, HEIGHT, FilterType::Lanczos3);
    Ok(on_white(&piece))
}

fn ratio(side: u32, part: u32, whole: u32) -> u32 {
    let scaled = u64::from(side) * u64::from(part) / u64::from(whole);
    u32::try_from(scaled).unwrap_or(side).max(1)
}

/// The picture without transparency: what shines through is white, as paper.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let over = |colour: u8| {
            let mixed = (u16::from(colour) * alpha + 255 * (255 - alpha)) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}

fn encode(photo: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let mut content = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut content, QUALITY);
    encoder.set_pixel_density(PixelDensity::dpi(300));
    encoder.encode_image(photo).map_err(|_| PictureError::Broken)?;
    Ok(content)
}

#[cfg(test)]
mod tests;
