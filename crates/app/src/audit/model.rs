//! An event's content as lines that can be read.

use qihang_db::{
    Audience, ClassYearState, CollegeKind, ContactPurpose, DegreeLevel, EntryState, How, ListKind, Office,
    Role, StudentType, StudyStatus,
};
use serde_json::Value;

/// One fact of an event: what it is about, and what it was or is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

/// Values of a list that are written out.
const WRITTEN_OUT: usize = 30;

/// The JSON of an event, line by line; text that is no JSON stays one line.
pub(super) fn facts(json: Option<&str>) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(text) = json {
        match serde_json::from_str::<Value>(text) {
            Ok(value) => collect("", &value, &mut facts),
            Err(_) => facts.push(Fact {
                name: "内容".into(),
                value: text.to_owned(),
            }),
        }
    }
    facts
}

fn collect(path: &str, value: &Value, facts: &mut Vec<Fact>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let name = field(key);
                let path = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path} · {name}")
                };
                collect(&path, value, facts);
            }
        }
        other => facts.push(Fact {
            name: if path.is_empty() {
                "内容".into()
            } else {
                path.to_owned()
            },
            value: words(other),
        }),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "（无）".into(),
        Value::Bool(true) => "是".into(),
        Value::Bool(false) => "否".into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "（空）".into(),
        Value::String(text) => code(text).map_or_else(|| shortened(text), str::to_owned),
        Value::Array(values) if values.is_empty() => "（无）".into(),
        Value::Array(values) => {
            let mut text = values
                .iter()
                .take(WRITTEN_OUT)
                .map(words)
                .collect::<Vec<_>>()
                .join("、");
            if values.len() > WRITTEN_OUT {
                text = format!("{text} … 共 {} 项", values.len());
            }
            text
        }
        Value::Object(_) => value.to_string(),
    }
}

/// Characters of a text that are written out.
const CHARACTERS_WRITTEN_OUT: usize = 200;

/// A text, or the beginning of a long one with how long it is.
fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= CHARACTERS_WRITTEN_OUT {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(CHARACTERS_WRITTEN_OUT).collect();
    format!("{beginning} … 共 {length} 字")
}

/// The word on screen of a stored code.
fn code(text: &str) -> Option<&'static str> {
    Role::from_code(text)
        .map(Role::label)
        .or_else(|| ClassYearState::from_code(text).map(ClassYearState::label))
        .or_else(|| EntryState::from_code(text).map(EntryState::label))
        .or_else(|| StudentType::from_code(text).map(StudentType::label))
        .or_else(|| StudyStatus::from_code(text).map(StudyStatus::label))
        .or_else(|| DegreeLevel::from_code(text).map(DegreeLevel::label))
        .or_else(|| CollegeKind::from_code(text).map(CollegeKind::label))
        .or_else(|| How::from_code(text).map(How::label))
        .or_else(|| ListKind::from_code(text).map(ListKind::label))
        .or_else(|| Audience::from_code(text).map(Audience::label))
        .or_else(|| ContactPurpose::from_code(text).map(ContactPurpose::label))
        .or_else(|| Office::from_code(text).map(Office::label))
        .or((text == "default").then_some("默认"))
}

/// The word on screen of a key; a key without one stays as it is.
fn field(key: &str) -> &str {
    match key {
        "account_id" => "账号编号",
        "accounts" => "账号",
        "role" => "角色",
        "college_id" => "院系编号",
        "college" => "院系",
        "starts_on" => "开始日期",
        "ends_on" => "结束日期",
        "disabled" => "停用",
        "locked_until" => "锁定至",
        "one_time" => "一次性密码",
        "state" => "状态",
        "roster_due" => "名单确认截止",
        "activation_due" => "账户激活截止",
        "doctoral_due" => "博士生截止",
        "extended_due" => "延长学制截止",
        "origin_depth" => "生源所在地须填到",
        "entries" => "在库记录",
        "duties" => "管理范围",
        "student" | "student_id" | "student_ids" => "学生编号",
        "students" => "学生",
        "student_no" => "学号",
        "class_year" => "届别",
        "reason" => "原因",
        "correction" => "报告编号",
        "field" | "fields" => "字段",
        "office" => "单位或部门",
        "answer" => "答复",
        "purpose" => "用途",
        "filter" | "search" => "查询条件",
        "added" => "已添加",
        "refused" => "未处理",
        "changed" => "已修改",
        "removed" => "已移出",
        "rows" | "row_count" => "行数",
        "count" => "数量",
        "view" => "视图",
        "format" => "格式",
        "kind" => "类型",
        "title" => "标题",
        "body" => "正文",
        "audience" => "发送对象",
        "student_type" => "学生类型",
        "pinned" => "置顶",
        "publish_on" => "发布日期",
        "attachment" => "附件编号",
        "bytes" => "字节数",
        "campus" => "校区",
        "room" => "地点",
        "hours" => "时间",
        "name" => "姓名",
        "mobile" | "telephone" => "电话",
        "email" => "邮箱",
        "file_name" | "file" => "文件",
        "dataset" => "数据类别",
        "version" => "版本",
        "kept" => "保持不变",
        "origin" => "生源所在地",
        "marital_status" => "婚姻状况",
        "political_status" => "政治面貌",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(json: &str) -> Vec<String> {
        facts(Some(json))
            .into_iter()
            .map(|fact| format!("{}={}", fact.name, fact.value))
            .collect()
    }

    #[test]
    fn an_event_reads_as_lines_with_the_words_of_the_screen() {
        assert_eq!(
            lines(r#"{"role":"officer","college_id":3,"ends_on":null,"one_time":true}"#),
            ["院系编号=3", "结束日期=（无）", "一次性密码=是", "角色=院系教师"]
        );
        assert_eq!(
            lines(r#"{"duties":{"7":["undergraduate","graduate"]}}"#),
            ["管理范围 · 7=本科生、研究生"]
        );
    }

    #[test]
    fn a_long_list_is_cut_and_says_how_long_it_is() {
        let list: Vec<i32> = (0..812).collect();
        let text = &facts(Some(&serde_json::json!({"students": list}).to_string()))[0].value;
        assert!(text.ends_with("… 共 812 项") && text.len() < 200, "{text}");
    }

    #[test]
    fn a_long_text_is_cut_and_says_how_long_it_is() {
        let text = &facts(Some(&serde_json::json!({"body": "长".repeat(5_000)}).to_string()))[0].value;
        assert!(
            text.ends_with("… 共 5000 字") && text.chars().count() < 220,
            "{text}"
        );
    }

    #[test]
    fn what_is_no_json_is_shown_as_it_stands() {
        assert_eq!(lines("<script>"), ["内容=<script>"]);
        assert_eq!(facts(None), []);
    }
}
