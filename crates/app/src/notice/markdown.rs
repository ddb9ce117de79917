//! The text of a notice: Markdown in, HTML out that can do nothing but be read.
//!
//! Two fences: what is no Markdown is turned into plain text before HTML is made of it, and the HTML then goes through a
//! sanitiser that knows a short list of elements.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
            "p",
            "br",
            "hr",
            "strong",
            "em",
            "del",
            "ul",
            "ol",
            "li",
            "a",
            "blockquote",
            "code",
            "pre",
            "h2",
            "h3",
            "h4",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener nofollow"));
    builder
});

/// Makes the HTML of a text. Raw HTML is shown as the characters it is made of, an image as its description: what belongs
/// to a notice is attached to it.
pub fn render(markdown: &str) -> String {
    let parsed = || Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    // The page has its heading already: whatever levels the author uses, the highest of them becomes the second.
    let levels: BTreeSet<HeadingLevel> = parsed()
        .filter_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(level),
            _ => None,
        })
        .collect();
    let events = parsed().filter_map(|event| plain(event, &levels));
    let mut text = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut text, events);
    SANITISER.clean(&text).to_string()
}

fn plain<'a>(event: Event<'a>, levels: &BTreeSet<HeadingLevel>) -> Option<Event<'a>> {
    Some(match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => return None,
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: lowered(level, levels),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lowered(level, levels))),
        // Whoever writes Chinese breaks a line where a line shall break.
        Event::SoftBreak => Event::HardBreak,
        other => other,
    })
}

fn lowered(level: HeadingLevel, levels: &BTreeSet<HeadingLevel>) -> HeadingLevel {
    match levels.range(..level).count() {
        0 => HeadingLevel::H2,
        1 => HeadingLevel::H3,
        _ => HeadingLevel::H4,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::render;

    #[test]
    fn what_an_office_writes_looks_as_it_should() {
        assert_eq!(
            render("### 时间\n\n9月15日**24:00**前，\n逾期不候。\n\n1. 登录\n2. 核对"),
            "<h2>时间</h2>\n<p>9月15日<strong>24:00</strong>前，<br>\n逾期不候。</p>\n<ol>\n<li>登录</li>\n<li>核对</li>\n</ol>\n"
        );
        assert_eq!(
            render("[办法](https://univ.example/a)"),
            "<p><a href=\"https://univ.example/a\" rel=\"noopener nofollow\">办法</a></p>\n"
        );
        assert!(render("| 院 | 人数 |\n|---|--:|\n| 甲 | 1 |").contains("<td>1</td>"));
    }

    #[test]
    fn headings_begin_at_the_second_level_and_keep_their_order() {
        assert_eq!(
            render("# 一\n\n### 二\n\n###### 三"),
            "<h2>一</h2>\n<h3>二</h3>\n<h4>三</h4>\n"
        );
    }

    #[test]
    fn raw_html_is_shown_and_not_obeyed() {
        let html = render("<script>alert(1)</script>\n\n甲<img src=x onerror=alert(1)>乙 <b>丙</b>");
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("<b>"),
            "{html}"
        );
        assert!(
            html.contains("&lt;script&gt;") && html.contains("&lt;img"),
            "{html}"
        );
    }

    #[test]
    fn links_lead_to_pages_and_run_nothing() {
        for target in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "&#106;avascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
        ] {
            let html = render(&format!("[看](<{target}>) <{target}>"));
            assert!(!html.contains("href"), "{html}");
        }
        assert!(render("[看](/notices/3)").contains("href=\"/notices/3\""));
    }

    #[test]
    fn an_image_is_only_its_description() {
        assert_eq!(render("![流程图](https://evil.example/x.png)"), "<p>流程图</p>\n");
    }

    proptest! {
        #[test]
        fn whatever_is_written_makes_no_element_that_could_run(text in "[<>\"'&a-z/=:()\\[\\]! #*`|\\n-]{0,120}") {
            let html = render(&text);
            // Every tag that comes out is one of the short list, with no attribute but those we set.
            for tag in html.split('<').skip(1) {
                let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(
                    ["p", "br", "hr", "strong", "em", "del", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h2",
                     "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"].contains(&name.as_str()),
                    "{} made {}", text, html
                );
                let inside = tag.split('>').next().unwrap_or_default();
                prop_assert!(!inside.contains(" on") && !inside.contains("style"), "{} made {}", text, html);
            }
        }
    }
}
