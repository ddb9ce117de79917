// “I sign in with the account that the university gave me, and nobody else does.” With a real CAS server.
import assert from "node:assert/strict";
import { desk, phone } from "../support/story.mjs";
import { casStory } from "../support/sso.mjs";

const signOut = async (person) => {
  await person.page.locator(".topbar summary").click();
  await person.press("退出登录");
};

/** What the browser asks our system for when it comes back from the server. */
const callback = (person, school) => person.page.waitForRequest((request) => request.url().startsWith(`${school.url}/sign-in/cas?ticket=`));

casStory("学生在手机上登录，退出后统一身份认证也退出", async (school, { cas, listed }) => {
  const student = await school.visitor({ viewport: phone });
  await student.goto("/student");
  await cas.signIn(student, listed.number);
  await student.page.waitForURL(`${school.url}/student`);
  await student.sees(listed.name);
  await student.checkPage("sso-student");

  await signOut(student);
  await student.page.waitForURL(`${school.url}/`);

  await student.goto("/student");
  await student.page.waitForURL(`${cas.url}/login**`);
});

casStory("学号在约定的属性里，用户名另有其名", async (school, { cas, listed }) => {
  const student = await school.visitor({ viewport: phone });
  await student.goto("/sign-in/student");
  await cas.signIn(student, "alias");
  await student.page.waitForURL(`${school.url}/student`);
  await student.sees(listed.name);
}, { attribute: "xgh" });

casStory("教师可用统一身份认证，也可用本系统账号", async (school, { cas, officer }) => {
  for (const viewport of [desk, phone]) {
    const teacher = await school.visitor({ viewport });
    await teacher.goto("/manage/roster");
    await teacher.sees("统一身份认证");
    await teacher.checkPage("sso-staff-door");
    await teacher.press("统一身份认证登录");
    await cas.signIn(teacher, officer.number);
    await teacher.page.waitForURL(`${school.url}/manage/roster`);
    await teacher.sees(officer.name);
  }
  await school.person("书院");
});

casStory("错误的和用过的登录凭证都进不来", async (school, { cas, listed, unlisted }) => {
  const student = await school.visitor({ viewport: phone });
  await student.goto("/sign-in/student");
  const back = callback(student, school);
  await cas.signIn(student, listed.number);
  const used = (await back).url();
  await student.page.waitForURL(`${school.url}/student`);

  const thief = await school.visitor({ viewport: phone });
  const refused = await thief.goto(used);
  assert.equal(refused.status(), 400);
  await thief.sees("这次登录不是从本页开始的");
  for (const [address, status] of [[used, 409], ["/sign-in/cas?ticket=ST-wrong", 400]]) {
    await thief.goto("/sign-in/student");
    await thief.page.waitForURL(`${cas.url}/login**`);
    assert.equal((await thief.goto(address)).status(), status);
    await thief.sees("登录凭证已失效");
    await cas.left(thief);
    await thief.checkPage("sso-spent");
  }
  // What the thief may do is to be oneself.
  await thief.press("重新登录");
  await cas.signIn(thief, unlisted.number);
  await thief.page.waitForURL(`${school.url}/student`);
  await thief.sees(unlisted.name);
});

casStory("在别处退出统一身份认证，这里也退出，别人不受影响", async (school, { cas, listed, unlisted }) => {
  const [student, other] = [await school.visitor({ viewport: phone }), await school.visitor({ viewport: phone })];
  for (const [person, { number }] of [[student, listed], [other, unlisted]]) {
    await person.goto("/sign-in/student");
    await cas.signIn(person, number);
    await person.page.waitForURL(`${school.url}/student`);
  }

  await student.goto(`${cas.url}/logout`);

  await student.goto("/student");
  await student.page.waitForURL(`${cas.url}/login**`);
  await other.goto("/student");
  await other.sees(unlisted.name);
});

casStory("统一身份认证停了，页面说明白，恢复后重试就进来", async (school, { cas, listed }) => {
  await cas.stop();
  const student = await school.visitor({ viewport: phone });
  assert.equal((await student.goto("/sign-in/student?next=/student")).status(), 503);
  await student.sees("统一身份认证暂时不可用");
  await student.checkPage("sso-down");
  const teacher = await school.visitor();
  await teacher.goto("/sign-in/staff");
  await teacher.press("统一身份认证登录");
  await teacher.press("用本系统账号登录");
  await teacher.page.waitForURL(`${school.url}/sign-in/staff`);

  await cas.start();
  await student.press("重试");
  await cas.signIn(student, listed.number);
  await student.page.waitForURL(`${school.url}/student`);
  await student.sees(listed.name);
});

casStory("本系统没有记录的人知道该问谁，并能换一个账号", async (school, { cas, listed, officer }) => {
  const student = await school.visitor({ viewport: phone });
  await student.goto("/sign-in/student");
  await cas.signIn(student, "guest");
  await student.sees("本系统中没有学号 guest");
  await student.checkPage("sso-unknown");
  await student.press("换一个账号登录");
  await student.page.waitForURL(`${school.url}/`);

  await student.goto("/sign-in/student");
  await cas.signIn(student, officer.number);
  await student.sees("可能走错了入口");
  await student.checkPage("sso-wrong-door");
  await student.press("换一个账号登录");
  await student.page.waitForURL(`${school.url}/`);

  await student.goto("/sign-in/student");
  await cas.signIn(student, listed.number);
  await student.page.waitForURL(`${school.url}/student`);
});
