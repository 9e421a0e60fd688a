"""airflowctl (PyPI apache-airflow-ctl) in this process: its commands, and what each of them says."""

import argparse
import contextlib
import io
import os


class Airflowctl:
    """With a home of its own, and one attempt for each request."""

    def __init__(self, home, url, token):
        os.environ |= {
            "AIRFLOW_HOME": str(home), "AIRFLOW_CLI_DEBUG_MODE": "true", "AIRFLOW_CLI_API_RETRIES": "1",
            "AIRFLOW_CLI_TOKEN": token,
        }
        # It reads its environment as it is imported.
        import httpx
        from airflowctl.ctl import cli_config, cli_parser

        self.parser, self.run = cli_parser.get_parser(), cli_config.safe_call_command
        self.home, self.url = home, url
        self.status = None  # of the latest answer
        handle = httpx.HTTPTransport.handle_request

        def noted(transport, request):
            answer = handle(transport, request)
            self.status = answer.status_code
            return answer

        httpx.HTTPTransport.handle_request = noted

    def commands(self):
        """"dags pause", of the whole program."""
        return sorted(leaves(self.parser, []))

    def __call__(self, *arguments):
        """(what it prints, what it ends with: None, an exit code, an exception)."""
        printed, end = io.StringIO(), None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            try:
                options = self.parser.parse_args([str(argument) for argument in arguments])
                self.run(options.func, args=options)
            except SystemExit as left:
                end = left.code
            except Exception as error:
                end = error
        return printed.getvalue(), end


def leaves(parser, path):
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield " ".join(path)
    for group in groups:
        for name, command in group.choices.items():
            yield from leaves(command, [*path, name])
