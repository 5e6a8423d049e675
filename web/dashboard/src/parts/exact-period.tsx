import { CloseButton, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type Filters, keepOnlyText, useFilters } from './filters';
import classes from './parts.module.css';
import { exact } from './time';

/** Says that a list is bounded by two exact moments, as a chart's link has it, and lifts that. */
export function ExactPeriod() {
  const [{ from, to }] = useFilters();
  const navigate = useNavigate();
  if (!from && !to) return null;
  const lift = () =>
    void navigate({
      to: '.',
      replace: true,
      search: (before: Filters) => keepOnlyText({ ...before, from: undefined, to: undefined }),
    });
  return (
    <div className={classes.exactPeriod}>
      <Text size="sm">
        {from ? `From ${exact(from)}` : 'From the beginning'} {to ? `to ${exact(to)}` : 'until now'}
      </Text>
      <CloseButton size="xs" onClick={lift} aria-label="Show all times" />
    </div>
  );
}
