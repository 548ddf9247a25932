"""Clients of GitHub that others wrote work against the forge as they are: PyGithub and githubkit."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import githubkit
import pytest
from github import Auth, Github, GithubException, GithubIntegration
from githubkit.cache import MemCacheStrategy
from githubkit.exception import RequestFailed

from support.forge import Forge, running_forge
from tdev.forge.store import Row
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

PERMISSIONS = {
    "issues": "write", "pull_requests": "write", "contents": "write", "checks": "write", "actions": "write",
    "statuses": "write",
}  # fmt: skip
WORKFLOW = "on: {workflow_dispatch: {}}\njobs: {one: {runs-on: ubuntu-latest, steps: [{run: tdev --help}]}}\n"


@dataclass(frozen=True)
class Place:
    """A forge with a repository, its owner's token and an installed App."""

    forge: Forge
    token: str
    app: Row
    key: str
    installation: Row


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Iterator[Place]:
    with running_forge(tmp_path / "forge", settings) as forge:
        forge.repository("ada", "calc", {"README.md": "# calc\n", ".github/workflows/tdev.yml": WORKFLOW})
        app, key = forge.app("checker", PERMISSIONS)
        yield Place(forge, forge.token("ada"), app, key, forge.install(app, "ada"))


def client(place: Place, **more: int) -> Github:
    """PyGithub as the owner, without its pauses between requests."""
    auth = Auth.Token(place.token)
    url = place.forge.api_url
    return Github(base_url=url, auth=auth, seconds_between_requests=0, seconds_between_writes=0, **more)


def test_pygithub_works_on_a_repository(place: Place) -> None:
    hub = client(place)
    assert hub.get_user().login == "ada"
    repository = hub.get_repo("ada/calc")
    assert repository.default_branch == "main"
    repository.create_label("tdev:build", "0e8a16", "Build it")
    issue = repository.create_issue("Wrong sum", body="1+1=3", labels=["tdev:build"], assignee="ada")
    assert [label.name for label in issue.labels] == ["tdev:build"]
    comment = issue.create_comment("/tdev build")
    reaction = comment.create_reaction("eyes")
    assert [(one.content, one.user.login) for one in comment.get_reactions()] == [("eyes", "ada")]
    assert comment.delete_reaction(reaction.id)
    comment.edit("done")
    assert [one.body for one in issue.get_comments()] == ["done"]
    issue.add_to_labels("more")
    issue.remove_from_labels("tdev:build")
    issue.edit(state="closed", state_reason="completed")
    assert [one.number for one in repository.get_issues(state="closed", labels=["more"])] == [issue.number]
    with pytest.raises(GithubException) as caught:
        repository.get_issue(999)
    assert caught.value.status == 404


def test_pygithub_opens_reviews_and_merges_a_pull_request(place: Place) -> None:
    repository = client(place).get_repo("ada/calc")
    sha = repository.get_branch("main").commit.sha
    repository.create_git_ref("refs/heads/feature", sha)
    repository.create_file("x.py", "Add x", "x = 1\n", branch="feature")
    pull = repository.create_pull(title="Add x", body="It adds x.", head="feature", base="main")
    assert [file.filename for file in pull.get_files()] == ["x.py"]
    assert pull.get_commits().totalCount == 1
    pull.create_review(body="Good", event="COMMENT")
    assert [review.state for review in pull.get_reviews()] == ["COMMENTED"]
    assert repository.get_pull(pull.number).mergeable
    done = pull.merge(merge_method="squash", commit_title="Add x")
    assert done.merged and repository.get_pull(pull.number).merged
    file = repository.get_contents("x.py")
    assert not isinstance(file, list) and file.decoded_content == b"x = 1\n"


def test_pygithub_signs_in_as_an_app(place: Place) -> None:
    auth = Auth.AppAuth(place.app["client_id"], place.key)
    apps = GithubIntegration(base_url=place.forge.api_url, auth=auth)
    assert apps.get_app().slug == "checker"
    installation = apps.get_repo_installation("ada", "calc")
    assert installation.id == place.installation["id"]
    repository = installation.get_github_for_installation().get_repo("ada/calc")
    run = repository.create_check_run(
        "tdev/tests", repository.get_branch("main").commit.sha, status="completed", conclusion="success",
        output={"title": "All passed", "summary": "12 tests"},
    )  # fmt: skip
    assert (run.app.slug, run.conclusion) == ("checker", "success")
    comment = repository.create_issue("By the App").create_comment("Hello")
    assert (comment.user.login, comment.user.type) == ("checker[bot]", "Bot")


def test_pygithub_dispatches_a_workflow(place: Place) -> None:
    repository = client(place).get_repo("ada/calc")
    workflow = repository.get_workflow("tdev.yml")
    assert workflow.create_dispatch("main")
    assert [run.event for run in workflow.get_runs()] == ["workflow_dispatch"]


def test_pygithub_turns_pages(place: Place) -> None:
    hub = client(place, per_page=2)
    repository = hub.get_repo("ada/calc")
    numbers = [repository.create_issue(f"Issue {number}").number for number in range(5)]
    assert [issue.number for issue in repository.get_issues(direction="asc")] == numbers
    assert repository.get_issues().totalCount == 5


def kit(place: Place) -> githubkit.GitHub[githubkit.AppInstallationAuthStrategy]:
    auth = githubkit.AppAuthStrategy(place.app["id"], place.key)
    account = auth.as_installation(place.installation["id"])
    return githubkit.GitHub(account, base_url=place.forge.api_url, cache_strategy=MemCacheStrategy())


def test_githubkit_parses_all_it_is_answered_as_an_app(place: Place) -> None:
    hub = kit(place)
    rest = hub.rest
    where = {"owner": "ada", "repo": "calc"}
    assert rest.repos.get(**where).parsed_data.full_name == "ada/calc"
    issue = rest.issues.create(**where, title="Wrong sum", labels=["bug"]).parsed_data
    assert issue.user and issue.user.login == "checker[bot]"
    assert issue.performed_via_github_app and issue.performed_via_github_app.slug == "checker"
    comment = rest.issues.create_comment(**where, issue_number=issue.number, body="At work").parsed_data
    rest.reactions.create_for_issue_comment(**where, comment_id=comment.id, content="rocket")
    rest.issues.update_comment(**where, comment_id=comment.id, body="Done")
    assert [one.body for one in rest.issues.list_comments(**where, issue_number=issue.number).parsed_data] == ["Done"]
    rest.issues.add_labels(**where, issue_number=issue.number, labels=["more"])
    rest.issues.update(**where, issue_number=issue.number, state="closed")
    sha = rest.git.get_ref(**where, ref="heads/main").parsed_data.object_.sha
    rest.git.create_ref(**where, ref="refs/heads/feature", sha=sha)
    content = base64.b64encode(b"x = 1\n").decode()
    rest.repos.create_or_update_file_contents(**where, path="x.py", message="Add x", content=content, branch="feature")
    pull = rest.pulls.create(**where, title="Add x", head="feature", base="main").parsed_data
    assert [file.filename for file in rest.pulls.list_files(**where, pull_number=pull.number).parsed_data] == ["x.py"]
    run = rest.checks.create(**where, name="tdev/tests", head_sha=pull.head.sha, status="queued").parsed_data
    done = rest.checks.update(**where, check_run_id=run.id, status="completed", conclusion="success").parsed_data
    assert done.conclusion == "success"
    rest.pulls.merge(**where, pull_number=pull.number, merge_method="squash")
    assert rest.pulls.get(**where, pull_number=pull.number).parsed_data.merged
    rest.actions.create_workflow_dispatch(**where, workflow_id="tdev.yml", ref="main")
    runs = rest.actions.list_workflow_runs_for_repo(**where).parsed_data
    assert [one.event for one in runs.workflow_runs] == ["workflow_dispatch"]


def test_githubkit_is_told_what_it_may_not_do(place: Place) -> None:
    hub = kit(place)
    rest = hub.rest
    with pytest.raises(RequestFailed) as caught:
        rest.repos.update(owner="ada", repo="calc", description="x")
    assert caught.value.response.status_code == 403
    with pytest.raises(RequestFailed) as caught:
        rest.issues.get(owner="ada", repo="calc", issue_number=999)
    assert caught.value.response.status_code == 404


def test_githubkit_pages_and_conditional_requests(place: Place) -> None:
    hub = githubkit.GitHub(place.token, base_url=place.forge.api_url, http_cache=True)
    for number in range(5):
        hub.rest.issues.create("ada", "calc", title=f"Issue {number}")
    titles = [
        one.title for one in hub.rest.paginate(hub.rest.issues.list_for_repo, owner="ada", repo="calc", per_page=2)
    ]
    assert len(titles) == 5
    seen = hub.rest.repos.get("ada", "calc")
    again = hub.request("GET", "/repos/ada/calc", headers={"If-None-Match": seen.headers["etag"]})
    assert again.status_code in (200, 304)
