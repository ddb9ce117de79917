use image::ImageEncoder;
use image::codecs::png::PngEncoder;
use proptest::prelude::*;

use super::*;

const RED: Rgb<u8> = Rgb([220, 20, 20]);
const GREEN: Rgb<u8> = Rgb([20, 200, 20]);
const BLUE: Rgb<u8> = Rgb([20, 20, 220]);

/// Red above, green in the middle, blue below; or from left to right.
fn striped(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (at, of) = if width > height { (x, width) } else { (y, height) };
        [RED, GREEN, BLUE][(at * 3 / of) as usize]
    })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    encode(picture).unwrap()
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut content = Vec::new();
    PngEncoder::new(&mut content)
        .write_image(
            picture.as_bytes(),
            picture.width(),
            picture.height(),
            picture.color().into(),
        )
        .unwrap();
    content
}

fn decoded(content: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(content, ImageFormat::Jpeg)
        .unwrap()
        .to_rgb8()
}

/// Whether two colours are the same as far as JPEG keeps them.
fn near(one: Rgb<u8>, other: Rgb<u8>) -> bool {
    one.0
        .iter()
        .zip(other.0)
        .all(|(one, other)| one.abs_diff(other) < 30)
}

/// A JPEG with the EXIF segment that a telephone writes: which way is up, where it was taken.
fn with_exif(content: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    tiff.extend(b"GPS 34.2463N 108.9841E");
    let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
    let mut with = content[..2].to_vec();
    with.extend([0xFF, 0xE1]);
    with.extend(length);
    with.extend(tiff);
    with.extend(&content[2..]);
    with
}

/// A PNG whose head claims a size.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut content = png(&DynamicImage::ImageRgb8(striped(8, 8)));
    content[16..20].copy_from_slice(&width.to_be_bytes());
    content[20..24].copy_from_slice(&height.to_be_bytes());
    // The check sum of the head has to fit, or it is not believed.
    let sum = crc(&content[12..29]);
    content[29..33].copy_from_slice(&sum.to_be_bytes());
    content
}

fn crc(content: &[u8]) -> u32 {
    !content.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 {
                (sum >> 1) ^ 0xEDB8_8320
            } else {
                sum >> 1
            }
        })
    })
}

#[test]
fn a_photo_has_the_standard_size_whatever_was_uploaded() {
    for (width, height) in [(413, 579), (600, 800), (800, 600), (3000, 4000), (300, 2000)] {
        for content in [
            jpeg(&striped(width, height)),
            png(&DynamicImage::ImageRgb8(striped(width, height))),
        ] {
            let photo = decoded(&prepare(&content, Part::Middle).unwrap());
            assert_eq!((photo.width(), photo.height()), (WIDTH, HEIGHT));
        }
    }
}

#[test]
fn the_part_that_was_chosen_is_kept() {
    for content in [jpeg(&striped(400, 1800)), jpeg(&striped(2400, 560))] {
        for (part, colour) in [(Part::Start, RED), (Part::Middle, GREEN), (Part::End, BLUE)] {
            let photo = decoded(&prepare(&content, part).unwrap());
            let middle = *photo.get_pixel(WIDTH / 2, HEIGHT / 2);
            assert!(near(middle, colour), "{part:?}: {middle:?}");
        }
    }
}

#[test]
fn a_picture_is_turned_upright_and_loses_everything_but_itself() {
    // Left to right red, green, blue; turned by a quarter clockwise: red above.
    let content = with_exif(&jpeg(&striped(800, 560)), 6);
    let photo = prepare(&content, Part::Middle).unwrap();
    let upright = decoded(&photo);
    assert!(near(*upright.get_pixel(WIDTH / 2, 20), RED));
    assert!(near(*upright.get_pixel(WIDTH / 2, HEIGHT - 20), BLUE));
    let holds = |word: &[u8]| photo.windows(word.len()).any(|window| window == word);
    assert!(!holds(b"Exif") && !holds(b"GPS"));
}

#[test]
fn what_shines_through_is_white() {
    let clear = image::RgbaImage::from_pixel(500, 700, image::Rgba([0, 0, 0, 0]));
    let photo = decoded(&prepare(&png(&DynamicImage::ImageRgba8(clear)), Part::Middle).unwrap());
    assert!(near(*photo.get_pixel(10, 10), Rgb([255, 255, 255])));
}

#[test]
fn a_picture_of_30_000_by_30_000_is_refused_by_its_head() {
    let bomb = claiming(30_000, 30_000);
    assert_eq!(
        prepare(&bomb, Part::Middle),
        Err(PictureError::TooManyPixels(30_000, 30_000))
    );
    let flat = claiming(12_001, 10);
    assert_eq!(
        prepare(&flat, Part::Middle),
        Err(PictureError::TooManyPixels(12_001, 10))
    );

    // A JPEG: the size stands in its frame header.
    let mut bomb = jpeg(&striped(64, 64));
    let frame = bomb.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    assert_eq!(
        prepare(&bomb, Part::Middle),
        Err(PictureError::TooManyPixels(30_000, 30_000))
    );
}

#[test]
fn what_is_cut_short_is_refused_wherever_the_cut_is() {
    let whole = jpeg(&striped(600, 800));
    for whole in [&whole, &png(&DynamicImage::ImageRgb8(striped(600, 800)))] {
        for share in [3, 10, 50, 90, 99] {
            let cut = &whole[..whole.len() * share / 100];
            assert_eq!(prepare(cut, Part::Middle), Err(PictureError::Broken), "{share} %");
        }
    }
    // A JPEG says where it ends. A PNG without its end mark has all its pixels and is taken.
    assert_eq!(
        prepare(&whole[..whole.len() - 3], Part::Middle),
        Err(PictureError::Broken)
    );
    // A small picture inside the metadata has an end of its own.
    let small = jpeg(&striped(20, 20));
    let mut with = whole[..2].to_vec();
    with.extend([0xFF, 0xE1]);
    with.extend(u16::try_from(small.len() + 2).unwrap().to_be_bytes());
    with.extend(small);
    with.extend(&whole[2..]);
    assert!(prepare(&with, Part::Middle).is_ok());
    with.truncate(with.len() / 2);
    assert_eq!(prepare(&with, Part::Middle), Err(PictureError::Broken));
    // Some telephones write something behind the end.
    let mut longer = whole;
    longer.extend(b"trailer of a motion picture");
    assert!(prepare(&longer, Part::Middle).is_ok());
}

#[test]
fn what_is_no_photo_is_refused_by_its_content() {
    let refused = |content: &[u8]| prepare(content, Part::Middle).unwrap_err();
    assert_eq!(refused(b""), PictureError::Empty);
    assert_eq!(refused(b"<script>alert(1)</script>"), PictureError::NoPicture);
    assert_eq!(refused(b"#!/bin/sh\n"), PictureError::NoPicture);
    assert_eq!(
        refused(b"  <svg xmlns='http://www.w3.org/2000/svg'/>"),
        PictureError::OtherKind("SVG")
    );
    assert_eq!(
        refused(b"<?xml version='1.0'?><svg/>"),
        PictureError::OtherKind("SVG")
    );
    assert_eq!(
        refused(b"\0\0\0\x18ftypheic"),
        PictureError::OtherKind("HEIC/HEIF")
    );
    assert_eq!(refused(b"GIF89a"), PictureError::OtherKind("GIF"));
    assert_eq!(refused(&[0xFF, 0xD8, 0xFF, 0xE0]), PictureError::Broken);
    assert_eq!(refused(&vec![0xFF; MOST_BYTES + 1]), PictureError::TooLarge);
    assert_eq!(
        refused(&jpeg(&striped(200, 280))),
        PictureError::TooSmall(200, 280)
    );
    assert_eq!(
        refused(&jpeg(&striped(4000, 400))),
        PictureError::TooSmall(4000, 400)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_uploaded_is_a_photo_or_refused(
        head in prop::sample::select(vec![&[0xFF_u8, 0xD8, 0xFF][..], b"\x89PNG\r\n\x1a\n", b""]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let content = [head, &rest].concat();
        let _ = prepare(&content, Part::Middle);
    }

    #[test]
    fn a_picture_with_some_bytes_changed_is_a_photo_or_refused(at in 0_usize..20_000, byte: u8) {
        let mut content = jpeg(&striped(330, 440));
        let at = at % content.len();
        content[at] = byte;
        if let Ok(photo) = prepare(&content, Part::End) {
            prop_assert_eq!(decoded(&photo).dimensions(), (WIDTH, HEIGHT));
        }
    }
}
