//! A press, and a form as a careful student fills it in. Everybody here is invented.

use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use image::{ImageFormat, Rgb, RgbImage};
use qihang_paper::{Check, Press, RecommendationForm};

pub static PRESS: LazyLock<Press> = LazyLock::new(|| Press::open(Path::new("no such folder")).unwrap());

pub const URL: &str = "https://jobs.qihang.example/verify?number=2027-0703-000123&code=7KQM-4XTR";

pub fn photo(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(295, 413, |x, y| {
        let (dx, dy) = (f64::from(x) - 147.0, f64::from(y) - 170.0);
        match () {
            () if dx * dx / 0.8 + dy * dy < 85.0 * 85.0 => Rgb([236, 200, 175]),
            () if y > 260 && dx.abs() < f64::from(y) - 160.0 => Rgb([38, 50, 72]),
            () => Rgb([67, 142, 219]),
        }
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(first, second)| ((*first).to_owned(), (*second).to_owned()))
        .collect()
}

pub fn check() -> Check {
    Check {
        url: URL.into(),
        code: "7KQM-4XTR".into(),
        attachment: Some(br#"{"form_no":"2027-0703-000123"}"#.to_vec()),
    }
}

pub fn form() -> RecommendationForm {
    RecommendationForm {
        university: "启航大学".into(),
        class_year: 2027,
        form_no: Some("2027-0703-000123".into()),
        date: Some("2026年11月24日".into()),
        facts: pairs(&[
            ("姓名", "欧阳雨桐"),
            ("性别", "女"),
            ("民族", "维吾尔族"),
            ("出生日期", "2005年3月8日"),
            ("政治面貌", "中共党员"),
            ("生源所在地", "新疆维吾尔自治区喀什地区"),
            ("学院", "计算机科学与技术学院"),
            ("专业", "计算机科学与技术（卓越班）"),
            ("学历", "本科"),
            ("学位", "工学学士"),
            ("学号", "2023070312"),
            ("学制", "四年"),
            ("培养方式", "非定向"),
            ("毕业时间", "2027年6月"),
            ("联系电话", "13800000000"),
            ("电子邮箱", "ouyang.yutong@stu.qihang.example"),
            (
                "家庭地址",
                "新疆维吾尔自治区喀什地区喀什市人民西路 1 号 启航家园 3 号楼 2 单元 501 室",
            ),
        ]),
        photo: Some(photo(ImageFormat::Jpeg)),
        sections: pairs(&[
            (
                "学习成绩／专业排名",
                "加权平均分 91.6，专业排名 3/128。主要课程：数据结构 96、操作系统 94、编译原理 92、数据库系统 95。",
            ),
            (
                "外语与计算机水平",
                "英语六级 587 分；全国计算机技术与软件专业技术资格（软件设计师，中级）。",
            ),
            (
                "担任职务",
                "2024.09—2026.06 班长；2025.03—2026.03 校学生会学习部部长。",
            ),
            (
                "奖惩情况",
                "2024 年国家励志奖学金；\n2025 年全国大学生数学建模竞赛省一等奖；\n2026 年校级优秀共产党员。",
            ),
            (
                "社会实践",
                "2025 年暑期参加“三下乡”社会实践，赴喀什地区开展中小学编程教育，为 320 名学生授课，团队获校级优秀。2026 年 7 月至 9 月在某软件企业实习，参与配电网调度系统的开发与测试。",
            ),
            ("特长", "羽毛球（校队队员）、冬不拉演奏。"),
            ("求职意向", "软件开发、系统运维；意向地区：乌鲁木齐、成都。"),
            (
                "自我评价",
                "本人学习刻苦，基础扎实，善于与人合作，能够独立分析和解决问题；做事踏实，责任心强，愿意到基层和艰苦地区工作。",
            ),
        ]),
        college_opinion: Some(
            "该生思想上积极要求进步，学习成绩优异，工作认真负责，在同学中有较高威信，综合素质好。同意推荐。"
                .into(),
        ),
        check: Some(check()),
    }
}
