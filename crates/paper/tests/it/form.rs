//! The recommendation form: everything is on it, nothing is cut.

use std::path::Path;

use image::ImageFormat;
use qihang_paper::{PaperError, Press, RecommendationForm};

use crate::reader;
use crate::sample::{PRESS, URL, form, pairs, photo};

#[test]
fn everything_that_was_written_is_on_the_page_and_can_be_copied() {
    let form = form();

    let pdf = PRESS.recommendation(std::slice::from_ref(&form)).unwrap();

    let words = reader::words(&pdf);
    let said = form
        .facts
        .iter()
        .chain(&form.sections)
        .flat_map(|(label, text)| [label, text]);
    for text in said
        .chain(&form.college_opinion)
        .chain(&form.form_no)
        .chain(&form.date)
    {
        let text: String = text.split_whitespace().collect();
        assert!(words.contains(&text), "{text} is not in {words}");
    }
    for ours in [
        "启航大学",
        "毕业生就业推荐表",
        "（2027届）",
        "院系推荐意见",
        "学校意见",
        "（盖章）",
        "年月日",
        "核验码：7KQM-4XTR",
        "第1页共",
    ] {
        assert!(words.contains(ours), "{ours} is not in {words}");
    }
    assert!(!words.contains("草稿"));
}

#[test]
fn fonts_travel_with_the_file_as_subsets_and_the_file_is_tagged() {
    let pdf = PRESS.recommendation(&[form()]).unwrap();

    let fonts = reader::about("pdffonts", &pdf);
    let facts = reader::about("pdfinfo", &pdf);
    for line in fonts.lines().skip(2) {
        assert!(
            line.contains("yes yes yes"),
            "embedded, a subset, with its characters: {line}"
        );
    }
    assert!(fonts.lines().count() > 3, "{fonts}");
    assert!(facts.contains("Tagged:          yes"), "{facts}");
    assert!(facts.contains("A4"), "{facts}");
    assert!(facts.contains("毕业生就业推荐表 欧阳雨桐"), "{facts}");
    assert!(pdf.len() < 400_000, "{} bytes", pdf.len());
}

#[test]
fn the_qr_code_holds_the_address_of_the_check() {
    let pdf = PRESS.recommendation(&[form()]).unwrap();

    assert_eq!(reader::qr_codes(&pdf), [URL]);
}

#[test]
fn a_draft_says_so_on_every_page_and_cannot_be_checked() {
    let draft = RecommendationForm {
        check: None,
        form_no: None,
        sections: pairs(&[("自我评价", &"认真负责。\n".repeat(200))]),
        ..form()
    };

    let pdf = PRESS.recommendation(&[draft]).unwrap();

    let text = reader::text(&pdf);
    let pages: Vec<&str> = text.split_terminator('\u{c}').collect();
    assert!(pages.len() > 2);
    // Across the page the characters stand on lines of their own, since the line is not level.
    for page in pages {
        let is_draft = page.contains("草稿，未经审核") && page.contains("稿\n") && page.contains("草\n");
        assert!(is_draft, "{page}");
    }
    assert!(!text.contains("扫码核验"));
}

#[test]
fn ten_thousand_lines_flow_on_to_further_pages() {
    let lines: Vec<String> = (1..=10_000)
        .map(|line| format!("第{line}行，一字不少。"))
        .collect();
    let long = RecommendationForm {
        sections: pairs(&[("自我评价", &lines.join("\n")), ("特长", "最后一项")]),
        ..form()
    };

    let pdf = PRESS.recommendation(&[long]).unwrap();

    let words = reader::words(&pdf);
    for line in &lines {
        assert!(words.contains(line), "{line}");
    }
    let pages = reader::pages(&pdf);
    assert!(
        words.contains("最后一项") && words.contains(&format!("第{pages}页共{pages}页")),
        "{pages} pages"
    );
}

#[test]
fn a_word_without_an_end_stays_inside_its_cell() {
    let endless = "https://example.example/".to_owned() + &"a".repeat(3_000);
    let wide = RecommendationForm {
        facts: pairs(&[("姓名", &"M".repeat(200)), ("性别", "男")]),
        sections: pairs(&[("特长", &endless)]),
        college_opinion: Some("W".repeat(500)),
        ..form()
    };

    let pdf = PRESS.recommendation(&[wide]).unwrap();

    // The page ends somewhere in between.
    assert!(reader::words(&pdf).matches('a').count() >= 3_000);
    let page = reader::grey(&pdf);
    let margin = page.width() / 14;
    let outside =
        (0..page.height()).flat_map(|y| (0..margin).flat_map(move |x| [(x, y), (x + margin * 13 + 1, y)]));
    for (x, y) in outside.filter(|(x, _)| *x < page.width()) {
        assert!(page.get_pixel(x, y).0[0] > 200, "ink at {x}, {y}");
    }
}

#[test]
fn rare_characters_and_long_names_are_printed() {
    let name = "古丽米热·阿不都克里木·买买提";
    let rare = "㛃䶮𠮷𬬻𣲘𫖯𡈽镕";
    let form = RecommendationForm {
        facts: pairs(&[("姓名", name), ("曾用名", rare), ("㛃𠮷", "标签里的生僻字")]),
        ..form()
    };

    let pdf = PRESS.recommendation(&[form]).unwrap();

    let words = reader::words(&pdf);
    assert!(
        words.contains(name) && words.contains(rare) && words.contains("㛃𠮷"),
        "{words}"
    );
    assert!(PRESS.unprintable(&format!("{name}{rare}")).is_empty());
}

#[test]
fn what_no_font_has_is_named_once_in_order() {
    assert_eq!(
        PRESS.unprintable("团队😀第一👍🏽，😀\u{202e}𪛖 \t\n"),
        ['😀', '👍', '🏽', '𪛖']
    );
    assert!(PRESS.unprintable("“一—……二”①Ⅷ㎡ é α Ж · × ％").is_empty());
    assert!(
        PRESS
            .recommendation(&[RecommendationForm {
                sections: pairs(&[("特长", "😀")]),
                ..form()
            }])
            .is_ok()
    );
}

#[test]
fn fonts_of_the_operator_print_what_ours_cannot() {
    // Debian's package fonts-noto-cjk, which scripts/test.sh installs, has Korean.
    let debian = Path::new("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc");
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(debian, folder.path().join("more.ttc")).unwrap();
    let form = RecommendationForm {
        facts: pairs(&[("姓名", "한국어")]),
        ..form()
    };
    assert_eq!(PRESS.unprintable("한국어"), ['한', '국', '어']);

    let press = Press::open(folder.path()).unwrap();

    assert!(press.unprintable("한국어").is_empty());
    assert!(reader::words(&press.recommendation(&[form]).unwrap()).contains("한국어"));
}

#[test]
fn a_file_that_is_no_font_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Press::open(folder.path()).is_ok());

    std::fs::write(folder.path().join("readme.txt"), "no font").unwrap();
    std::fs::write(folder.path().join("broken.ttf"), "no font").unwrap();
    let Err(error) = Press::open(folder.path()) else {
        panic!("a broken font is refused");
    };
    assert!(error.to_string().contains("broken.ttf"), "{error}");
}

#[test]
fn photos_are_printed_and_broken_ones_named() {
    let whole = photo(ImageFormat::Jpeg);
    for bytes in [whole.clone(), photo(ImageFormat::Png)] {
        assert!(
            PRESS
                .recommendation(&[RecommendationForm {
                    photo: Some(bytes),
                    ..form()
                }])
                .is_ok()
        );
    }

    let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec();
    let mut half = photo(ImageFormat::Png);
    half.truncate(half.len() / 2);
    for bytes in [
        vec![],
        b"no picture".to_vec(),
        whole[..100].to_vec(),
        half,
        gif,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
    ] {
        let forms = [
            form(),
            RecommendationForm {
                photo: Some(bytes),
                form_no: Some("2027-9".into()),
                ..form()
            },
        ];
        let error = PRESS.recommendation(&forms).unwrap_err();
        assert!(
            matches!(error, PaperError::Photo { .. }) && error.to_string().contains("2027-9"),
            "{error}"
        );
    }
}

#[test]
fn each_form_begins_on_a_page_of_its_own_and_counts_its_own_pages() {
    let long = RecommendationForm {
        sections: pairs(&[("自我评价", &"踏实。\n".repeat(150))]),
        ..form()
    };
    let forms = [
        long,
        RecommendationForm {
            facts: pairs(&[("姓名", "第二人")]),
            form_no: Some("B-2".into()),
            ..form()
        },
    ];

    let pdf = PRESS.recommendation(&forms).unwrap();

    let text = reader::text(&pdf);
    let pages: Vec<String> = text
        .split_terminator('\u{c}')
        .map(|page| page.split_whitespace().collect())
        .collect();
    let second = pages.iter().position(|page| page.contains("第二人")).unwrap();
    assert!(second >= 2);
    for (place, page) in pages.iter().enumerate() {
        let (own, all) = if place < second {
            (place + 1, second)
        } else {
            (place - second + 1, pages.len() - second)
        };
        assert!(page.contains(&format!("第{own}页共{all}页")), "{page}");
        assert_eq!(page.contains("编号：B-2核验码"), place >= second, "{page}");
    }
}

#[test]
fn the_same_form_gives_the_same_bytes() {
    assert!(PRESS.recommendation(&[form()]).unwrap() == PRESS.recommendation(&[form()]).unwrap());
}

#[test]
fn an_empty_form_is_a_form_and_no_form_is_none() {
    assert_eq!(
        reader::pages(&PRESS.recommendation(&[RecommendationForm::default()]).unwrap()),
        1
    );
    assert!(matches!(PRESS.recommendation(&[]), Err(PaperError::Nothing)));
}

#[test]
fn an_address_that_no_code_holds_is_refused() {
    let mut form = form();
    form.check.as_mut().unwrap().url = "https://jobs.qihang.example/".to_owned() + &"x".repeat(5_000);

    assert!(matches!(
        PRESS.recommendation(&[form]),
        Err(PaperError::Address { .. })
    ));
}

#[test]
fn many_may_print_at_the_same_time() {
    std::thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || {
                let form = RecommendationForm {
                    form_no: Some(format!("T-{number}")),
                    ..form()
                };
                let pdf = PRESS.clone().recommendation(&[form]).unwrap();
                assert!(reader::words(&pdf).contains(&format!("编号：T-{number}")));
            });
        }
    });
}

#[test]
fn a_missing_folder_of_fonts_is_no_mistake() {
    assert!(Press::open(Path::new("/does/not/exist")).is_ok());
}
