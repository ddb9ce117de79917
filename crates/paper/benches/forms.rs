//! What a form costs: one when the fonts are warm (the preview of a student), and a class as one file.

use std::hint::black_box;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use image::{ImageFormat, Rgb, RgbImage};
use qihang_paper::{Check, Press, RecommendationForm};

/// A photo of the usual size that compresses like one: 295 × 413, noise over a gradient.
fn photo(seed: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(295, 413, |x, y| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ seed.wrapping_mul(97)) % 24;
        let shade = u8::try_from(60 + (x + y) / 6 + noise).unwrap_or(u8::MAX);
        Rgb([shade, shade / 2 + 80, 255 - shade])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Jpeg)
        .expect("a picture is written into memory");
    bytes.into_inner()
}

fn form(number: u32) -> RecommendationForm {
    let fact = |label: &str, value: String| (label.to_owned(), value);
    let text = "本人学习刻苦，基础扎实，善于与人合作，能够独立分析和解决问题；做事踏实，责任心强。2026 年暑期赴基层实践，参与 3 个项目。";
    RecommendationForm {
        university: "启航大学".into(),
        class_year: 2027,
        form_no: Some(format!("2027-0703-{number:06}")),
        date: Some("2026年11月24日".into()),
        facts: (0..14)
            .map(|fact_no| fact(&format!("项目{fact_no}"), format!("学生{number}的第{fact_no}项")))
            .collect(),
        photo: Some(photo(number)),
        sections: [
            "学习成绩／专业排名",
            "外语与计算机水平",
            "担任职务",
            "奖惩情况",
            "社会实践",
            "特长",
            "求职意向",
            "自我评价",
        ]
        .iter()
        .map(|heading| fact(heading, format!("{number}：{text}")))
        .collect(),
        college_opinion: Some(format!("该生（{number}）综合素质好，同意推荐。")),
        check: Some(Check {
            url: format!("https://jobs.qihang.example/verify?number=2027-0703-{number:06}&code=7KQM-4XTR"),
            code: "7KQM-4XTR".into(),
            attachment: Some(vec![b'x'; 900]),
        }),
    }
}

fn forms(criterion: &mut Criterion) {
    let press =
        Press::open(Path::new("no fonts but the embedded ones")).expect("the embedded fonts are whole");

    // Every form is another one, as in life: what typst remembers is the template, never the answer.
    let mut number = 0;
    criterion.bench_function("one form", |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                [form(number)]
            },
            |forms| black_box(press.recommendation(&forms).expect("it is printed")),
            criterion::BatchSize::SmallInput,
        );
    });

    let mut group = criterion.benchmark_group("a class");
    group.sample_size(10).measurement_time(Duration::from_mins(1));
    let class: Vec<_> = (10_000..10_500).map(form).collect();
    group.bench_function("500 forms in one file", |bencher| {
        bencher.iter(|| black_box(press.recommendation(&class).expect("they are printed")));
    });
    group.finish();
}

criterion_group!(benches, forms);
criterion_main!(benches);
